/** Ask anything: a question in parts, the answer as a picture and as groups, and what is different about a part of it. */

import { FieldNames } from '../ui/fieldInput';
import type { App } from '../context';
import { useApp } from '../context';
import { cohortRequest, withSuitedPoints, withinCohort } from '../definition';
import { timeZone } from '../format';
import type { PanelContext } from '../panels/panel';
import { Panel } from '../panels/registry';
import { useResource } from '../resource';
import type { Question } from '../question';
import { columnOf, toQuery } from '../question';
import { compareOffset, timeFields } from '../state';
import type { Answer, PanelOptions, QueryRequest } from '../types';
import { Failure, FirstAnswers, Outdated, Waiting } from '../ui/states';
import { BubbleUpPanel } from './bubbleUp';
import { Builder } from './builder';
import { Empty } from './empty';
import { toPanels } from './explorePanels';
import { panelContext } from './panelContext';
import { Pin } from './pin';
import { Saved } from './saved';

export function ExploreView() {
  const app = useApp();
  const { api, cache, state, tick } = app;
  const { question } = state;
  const request = toRequest(app);
  const { cohort } = state;
  const load = async (signal: AbortSignal, onFirst: (first: Asked) => void): Promise<Asked> => {
    const whole = cohort && (await api.query(cohortRequest(request, cohort), signal));
    const asked = whole ? withinCohort(request, cohort, whole) : request;
    return { answer: await api.query(asked, signal, (first) => onFirst({ answer: first, question, asked })), question, asked };
  };
  const { data, error, stale, partial, retry } = useResource(`explore ${question.show} ${JSON.stringify([request, cohort])}`, tick, load, cache, true);
  return (
    <main id="main" tabIndex={-1} aria-busy={stale || partial || (!data && !error)}>
      <header class="view-head">
        <div>
          <h1>Explore</h1>
          <p class="view-note">Ask anything of the events that the filters above leave.</p>
        </div>
        <Saved />
        <Pin />
      </header>
      <FieldNames />
      <Builder />
      {error && data && <Outdated error={error} onRetry={retry} />}
      {error && !data ? (
        <Failure error={error} onRetry={retry} />
      ) : !data ? (
        <div class="panel"><Waiting label="Asking" /></div>
      ) : (
        <div class="explore" data-selected={question.selection !== null}>
          <div class="explore-answer" data-stale={stale} data-partial={partial}>
            {data.answer.results.length === 0 || isNothing(data.answer) ? (
              <Empty hint="Nothing of it satisfies the filters and the question." />
            ) : (
              <Panels app={app} answer={data.answer} panels={toPanels(data.question, app.fields)} request={data.asked} />
            )}
          </div>
          {question.selection && <BubbleUpPanel query={data.asked} selection={question.selection} />}
        </div>
      )}
      <FirstAnswers answers={[{ partial, data: data?.answer }]} />
      <p class="view-foot">Times of {timeZone()}.</p>
    </main>
  );
}

interface Asked {
  answer: Answer;
  question: Question;
  /** What was asked of the collector: within the bounds of the cohort, where there is one. */
  asked: QueryRequest;
}

function toRequest({ state, dataset }: App): QueryRequest {
  // Another time has other percentiles, so a cohort has nothing to be compared with.
  const offset = state.cohort ? null : compareOffset(state);
  const compared = offset !== null && (state.question.show === 'line' || state.question.show === 'bars');
  return {
    ...withSuitedPoints(toQuery(state.question)),
    filters: state.filters,
    ...timeFields(state.time),
    ...(compared && { compare_time_offset_seconds: offset }),
    dataset,
  };
}

function isNothing({ results }: Answer): boolean {
  return results.length === 1 && Object.values(results[0]!.data).every((value) => value === null || value === 0 || (Array.isArray(value) && value.length === 0));
}

interface PanelsProps {
  app: App;
  answer: Answer;
  panels: readonly PanelOptions[];
  request: QueryRequest;
}

function Panels({ app, answer, panels, request }: PanelsProps) {
  const { state, go } = app;
  const { question } = state;
  const select = (selection: typeof question.selection) => go({ ...state, question: { ...question, selection } });
  const breakdowns = request.breakdowns ?? [];
  const context: PanelContext = {
    ...panelContext(app, request.calculated_fields),
    breakdowns,
    explore: null,
    detail: null,
    request,
    select,
    selection: question.selection,
    selectGroup: (row) => select({ group: Object.fromEntries(breakdowns.map((name) => [name, row[name] ?? null])) }),
  };
  return (
    <>
      {(question.show === 'heatmap' || question.show === 'histogram') && <Tails column={columnOf(question)} onSelect={select} />}
      <div class="row explore-panels" data-kind={panels[0]?.kind}>
        {panels.map((panel) => (
          <div class="slot" key={`${panel.kind} ${panel.id}`} data-kind={panel.kind}><Panel data={answer} options={panel} context={context} /></div>
        ))}
      </div>
    </>
  );
}

/** The slow ones of all, without drawing a box around them. */
function Tails({ column, onSelect }: { column: string; onSelect: (selection: { column: string; min: string }) => void }) {
  return (
    <p class="tails">
      <span>What is different about those above</span>
      {['P75', 'P90', 'P99'].map((min) => (
        <button key={min} type="button" onClick={() => onSelect({ column, min })}>{min.toLowerCase()}</button>
      ))}
    </p>
  );
}
