/** Renders any dashboard definition: asks its queries, lays its panels out, says what is missing. */

import { useMemo, useRef, useState } from 'preact/hooks';

import type { App } from '../context';
import { useApp } from '../context';
import { applyParameters, buildRequest, cohortRequest, describeScope, exploreState, isEmpty, namedRequest, packRows, queryOf, usedQueries, withinCohort } from '../definition';
import { hasDraft } from '../drafts';
import { timeZone } from '../format';
import { Frame } from '../panels/frame';
import type { PanelContext } from '../panels/panel';
import { Panel, PanelTitle, Placeholder } from '../panels/registry';
import type { Resource } from '../resource';
import { useResource } from '../resource';
import type { Answer, Definition, PanelOptions } from '../types';
import { lazy } from '../ui/lazy';
import { Failure, FirstAnswers, Outdated, Waiting } from '../ui/states';
import { isChosen, withChosen } from '../segments';
import { Controls } from './controls';
import { Empty } from './empty';
import { OwnMenu, ShareMenu, mayChange } from './ownMenu';
import { panelContext } from './panelContext';

const SegmentPicker = lazy(() => import('./segmentPicker').then((module) => module.SegmentPicker));
const Editor = lazy(() => import('./editor').then((module) => module.Editor));

export function DashboardView({ id }: { id: string }) {
  const { api, cache, dashboardChanges } = useApp();
  const definition = useResource(`dashboard ${id}`, dashboardChanges, (signal) => api.dashboard(id, signal), cache);
  if (definition.error) return <main id="main" tabIndex={-1}><Failure error={definition.error} onRetry={definition.retry} /></main>;
  if (!definition.data || definition.stale) return <main id="main" tabIndex={-1}><Waiting label="Loading the dashboard" /></main>;
  return <Dashboard key={`${id} ${usedQueries(definition.data).join()}`} whole={definition.data} />;
}

export function Dashboard({ whole, canCompare = true }: { whole: Definition; canCompare?: boolean }) {
  const app = useApp();
  const chosen = JSON.stringify(app.state.parameters);
  const definition = useMemo(() => applyParameters(whole, app.state.parameters), [whole, chosen]);
  // One definition always has the same queries, so the hooks below are called in the same order every time.
  const names = usedQueries(definition);
  const answers = new Map(names.map((name) => [name, useQuery(definition, name)]));
  const all = [...answers.values()];
  const isOwn = mayChange(app, whole);
  const [editing, setEditing] = useState(() => isOwn && hasDraft(whole.id));
  const settled = all.every(({ data, stale, partial, error }) => (data && !stale && !partial) || error);
  // What an empty dataset says is about sending to it, which nobody does to the collector's own.
  const empty = useLast(settled, !app.readOnly && !definition.dataset && settled && all.every(({ data }) => data) && isEmpty(all.map(({ data }) => data!)));
  const failure = commonFailure(all);
  const outdated = all.find(({ data, error }) => data && error);
  const draw = (panel: PanelOptions) => <Slot key={panel.id} panel={panel} answer={answers.get(panel.query)!} context={toContext(app, definition, panel)} />;
  const retry = () => all.filter(({ error }) => error).forEach((answer) => answer.retry());
  return (
    <main id="main" tabIndex={-1} aria-busy={!settled}>
      <header class="view-head">
        <div>
          <h1>{definition.title}</h1>
          <p class="view-note">{definition.description}</p>
        </div>
        {!empty && !failure && <Controls definition={definition} canCompare={canCompare} />}
        {/* A link shows what is written down, not what somebody has chosen since: that takes a copy. */}
        {!isChosen(whole, app.state.parameters) && <ShareMenu definition={whole} />}
        {isOwn && !editing && <button type="button" onClick={() => setEditing(true)}>Edit</button>}
        <OwnMenu definition={withChosen(whole, app.state.parameters)} />
      </header>
      {whole.segments && !app.readOnly && <SegmentPicker segments={whole.segments} fallback={<div class="segment-picker" />} />}
      {outdated && <Outdated error={outdated.error!} onRetry={retry} />}
      {editing ? (
        <Editor fallback={<Waiting />} whole={whole} draw={draw} onDone={() => setEditing(false)} />
      ) : failure ? (
        <Failure error={failure} onRetry={retry} />
      ) : empty ? (
        <Empty hint={describeScope(definition.filters ?? [])} />
      ) : (
        packRows(definition.panels).map((panels) => <div class="row" key={panels[0]!.id} data-kind={panels[0]!.kind}>{panels.map(draw)}</div>)
      )}
      <FirstAnswers answers={all} />
      {!empty && !failure && <p class="view-foot">{describeScope(definition.filters ?? [])} Times of {timeZone()}.</p>}
    </main>
  );
}

/** The panels of a definition alone, for a view that is about more than them; nothing in them filters. */
export function PanelRows({ definition }: { definition: Definition }) {
  const app = useApp();
  const answers = new Map(usedQueries(definition).map((name) => [name, useQuery(definition, name)]));
  return (
    <>
      {packRows(definition.panels).map((panels) => (
        <div class="row" key={panels[0]!.id} data-kind={panels[0]!.kind}>
          {panels.map((panel) => (
            <Slot key={panel.id} panel={panel} answer={answers.get(panel.query)!} context={{ ...toContext(app, definition, panel), canFilter: () => false }} />
          ))}
        </div>
      ))}
    </>
  );
}

/** The error of all queries, if they failed for one reason and nothing can be shown: then it is said once. */
function commonFailure(answers: Resource<Answer>[]): Error | null {
  const [first] = answers;
  const same = answers.every(({ data, error }) => !data && error && error.message === first?.error?.message);
  return same ? (first?.error ?? null) : null;
}

function useQuery(definition: Definition, name: string): Resource<Answer> {
  const { api, cache, state, dataset, tick } = useApp();
  const request = buildRequest(definition, name, state, dataset);
  const cohort = definition.queries[name]?.cohort;
  const load = async (signal: AbortSignal, onFirst: (first: Answer) => void) => {
    if (api.named) return api.named(name, namedRequest(definition, request, state), signal);
    const whole = cohort && (await api.query(cohortRequest(request, cohort), signal));
    return api.query(whole ? withinCohort(request, cohort, whole) : request, signal, onFirst);
  };
  return useResource(JSON.stringify([request, cohort]), tick, load, cache, true);
}

/** The latest value that was computed while `when` was true. */
function useLast<T>(when: boolean, value: T): T {
  const last = useRef(value);
  if (when) last.current = value;
  return last.current;
}

function toContext(app: App, definition: Definition, panel: PanelOptions): PanelContext {
  const explore = exploreState(definition, panel, app.state);
  return {
    ...panelContext(app, definition.queries[panel.query]?.calculated_fields),
    breakdowns: queryOf(definition, panel.query, app.state).breakdowns ?? [],
    explore: app.readOnly ? null : explore,
    request: buildRequest(definition, panel.query, app.state, app.dataset),
    selection: null,
    detail: !app.readOnly && 'detail' in panel && panel.detail ? { ...app.state, view: panel.detail, parameters: { ...app.state.parameters, vital: panel.vital } } : null,
    select: (selection) => app.go({ ...explore, question: { ...explore.question, selection } }),
  };
}

/** One place of the grid: the panel, or what stands in for it. */
function Slot({ panel: wanted, answer, context: ofWanted }: { panel: PanelOptions; answer: Resource<Answer>; context: PanelContext }) {
  const { data, error, stale, partial, retry } = answer;
  // An answer to an earlier question is shown as it was asked for.
  const [panel, context] = useLast(!stale, [wanted, ofWanted] as const);
  return (
    <div class="slot" style={{ flexGrow: panel.width, '--width': panel.width }} data-kind={panel.kind} data-stale={stale && Boolean(data)} data-partial={partial}>
      {error && !data ? (
        <Frame id={panel.id} kind={panel.kind} title={<PanelTitle options={panel} />}><Failure error={error} onRetry={retry} /></Frame>
      ) : data ? (
        <Panel data={data} options={panel} context={context} />
      ) : (
        <Placeholder options={panel} />
      )}
    </div>
  );
}
