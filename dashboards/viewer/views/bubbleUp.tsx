/** What is different about a selection: a sentence, then field by field the shares of both sides. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { formatPercent } from '../charts/units';
import { useApp } from '../context';
import { describeFilter } from '../definition';
import { formatCount, formatField, harmless, quoted } from '../format';
import { useResource } from '../resource';
import type { State } from '../state';
import { filterFor, withFilter, withFilters } from '../state';
import type { BubbleUp, Difference, Field, Filter, QueryRequest, Selection } from '../types';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Popover } from '../ui/popover';
import { Failure, Waiting } from '../ui/states';

/** So many fields are shown at first, and so many of the values of each. */
const FIELDS = 8;
const VALUES = 5;

export function BubbleUpPanel({ query, selection }: { query: QueryRequest; selection: Selection }) {
  const { api, cache, state, tick, go } = useApp();
  const { dataset, filters, calculated_fields } = query;
  const time = 'time_range' in query ? { time_range: query.time_range } : { start_time: query.start_time, end_time: query.end_time };
  const asked: QueryRequest = { dataset, ...time, ...(filters && { filters }), ...(calculated_fields && { calculated_fields }), calculations: [{ op: 'COUNT' }] };
  const request = { query: asked, selection };
  const { data, error, stale, retry } = useResource(`bubbleup ${JSON.stringify(request)}`, tick, (signal) => api.bubbleUp(request, signal), cache);
  const close = () => go({ ...state, question: { ...state.question, selection: null } });
  return (
    <section class="panel bubble-up" aria-label="What is different" aria-busy={stale || (!data && !error)}>
      <header class="panel-head">
        <h2>What is different?</h2>
        <button type="button" class="quiet icon-button" aria-label="Close" title="Close" onClick={close}><Icon name="cross" /></button>
      </header>
      {error ? <Failure error={error} onRetry={retry} /> : !data || stale ? <Waiting label="Comparing" /> : <Found found={data} selection={selection} />}
    </section>
  );
}

function Found({ found, selection }: { found: BubbleUp; selection: Selection }) {
  const { state, go, fields } = useApp();
  const [all, setAll] = useState(false);
  const telling = found.fields.filter(({ stands_out }) => stands_out);
  const shown = all ? telling : telling.slice(0, FIELDS);
  const sampled = Math.min(found.selection.looked_at, found.baseline.looked_at) < 1;
  return (
    <>
      <p class="bubble-summary" role="status">{harmless(found.summary)}</p>
      <ul class="legend sides">
        <li data-side="selection">{formatCount(found.selection.events)} selected</li>
        <li data-side="baseline">{formatCount(found.baseline.events)} others</li>
        {sampled && <li class="plain">by a sample of them</li>}
      </ul>
      <p class="bubble-actions">
        {found.finding && (
          <button type="button" onClick={() => go(withoutSelection(withFilters(state, found.finding!.conditions)))}>Show only {quoted(found.finding.conditions.map(describeFilter).join(' and '))}</button>
        )}
        <button type="button" onClick={() => go(withoutSelection(showSelected(state, found, selection)))}>Show only the selected</button>
        <Link class="button" to={{ ...withoutSelection(showSelected(state, found, selection)), view: 'page-views' }}>List them</Link>
      </p>
      {shown.map((field) => <FieldCard key={field.column} field={field} known={fields.get(field.column)} />)}
      {telling.length === 0 && <p class="panel-empty">No field differs by more than chance.</p>}
      {shown.length < telling.length && <button type="button" class="more" onClick={() => setAll(true)}>Show all {formatCount(telling.length)} fields</button>}
    </>
  );
}

/** The selection as filters and time of its own. */
function showSelected(state: State, found: BubbleUp, { start_time, end_time }: Selection): State {
  const isTime = ({ column }: Filter) => column === 'ts';
  const filters = found.selection.filters.filter((filter) => 'column' in filter && !isTime(filter));
  const time = start_time !== undefined && end_time !== undefined ? { start: start_time, end: end_time } : state.time;
  return { ...withFilters(state, filters), time };
}

function withoutSelection(state: State): State {
  return { ...state, question: { ...state.question, selection: null } };
}

function FieldCard({ field, known }: { field: Difference; known: Field | undefined }) {
  const { column, condition, selection, baseline } = field;
  return (
    <div class="difference" role="group" aria-label={quoted(column)}>
      <header>
        <h3 title={known?.meaning}>{harmless(column)}</h3>
        <FilterMenu condition={condition} label={<Icon name="more" />} name={`Do more with ${quoted(column)}`} class="quiet icon-button" />
      </header>
      <p class="difference-text">
        {describeFilter(shorten(condition, known))}: <strong>{formatPercent(selection.share)}</strong> against {formatPercent(baseline.share)}
      </p>
      {field.values ? <Values field={field} known={known} /> : <Bins field={field} known={known} />}
    </div>
  );
}

function shorten(condition: Filter, known: Field | undefined): Filter {
  if (typeof condition.value !== 'number' || !known) return condition;
  return { ...condition, value: formatField(condition.value, known) };
}

function Values({ field, known }: { field: Difference; known: Field | undefined }) {
  const values = field.values!.slice(0, VALUES);
  const most = Math.max(...values.flatMap(({ selection, baseline }) => [selection, baseline]), 0.01);
  return (
    <ul class="pairs">
      {values.map(({ value, selection, baseline }) => {
        const text = formatField(value, known ?? { type: '', unit: '' });
        return (
          <li key={String(value)}>
            <FilterMenu
              class="quiet pair"
              condition={filterFor(field.column, value)}
              label={
                <>
                  <span class="pair-name" title={text}>
                    {text}
                    <span class="spoken">: {formatPercent(selection)} of the selected, {formatPercent(baseline)} of the others</span>
                  </span>
                  <span class="pair-bars" aria-hidden="true">
                    <span data-side="selection" style={{ width: `${(selection / most) * 100}%` }} />
                    <span data-side="baseline" style={{ width: `${(baseline / most) * 100}%` }} />
                  </span>
                  <span class="pair-shares" aria-hidden="true">{formatPercent(selection)}<small>{formatPercent(baseline)}</small></span>
                </>
              }
            />
          </li>
        );
      })}
    </ul>
  );
}

const BINS_HEIGHT = 56;

function Bins({ field, known }: { field: Difference; known: Field | undefined }) {
  const bins = field.bins ?? [];
  if (bins.length === 0) return null;
  const most = Math.max(...bins.flatMap(({ selection, baseline }) => [selection, baseline]));
  const say = (value: number) => formatField(value, known ?? { type: 'number', unit: '' });
  const step = 100 / bins.length;
  const height = (share: number) => (share / most) * BINS_HEIGHT;
  return (
    <figure class="bins">
      <svg viewBox={`0 0 100 ${BINS_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {bins.map(({ from, to, selection, baseline }, index) => (
          <g key={index}>
            <title>{`${say(from)} – ${say(to)}: ${formatPercent(selection)} of the selected, ${formatPercent(baseline)} of the others`}</title>
            <rect class="hover" x={index * step} y={0} width={step} height={BINS_HEIGHT} />
            <rect data-side="baseline" x={index * step + step * 0.52} y={BINS_HEIGHT - height(baseline)} width={step * 0.36} height={height(baseline)} />
            <rect data-side="selection" x={index * step + step * 0.12} y={BINS_HEIGHT - height(selection)} width={step * 0.36} height={height(selection)} />
          </g>
        ))}
      </svg>
      <figcaption><span>{say(bins[0]!.from)}</span><span>{say(bins.at(-1)!.to)}</span></figcaption>
    </figure>
  );
}

interface FilterMenuProps {
  class: string;
  condition: Filter;
  /** What is spoken, where the label says nothing. */
  name?: string;
  label: ComponentChildren;
}

/** What a bar offers: keep only what it stands for, leave it out, or see all of its field. */
function FilterMenu({ class: className, condition, name, label }: FilterMenuProps) {
  const { state, go } = useApp();
  const opposite = oppositeOf(condition);
  const { question } = state;
  const grouped = { ...question, breakdowns: [...new Set([...question.breakdowns, condition.column])], show: question.show === 'heatmap' || question.show === 'histogram' ? ('line' as const) : question.show };
  return (
    <Popover class={className} label={label} {...(name && { name })}>
      {(close) => (
        <ul class="menu">
          <li><button type="button" class="menu-item" onClick={() => { close(); go(withFilter(state, condition)); }}>Only {describeFilter(condition)}</button></li>
          {opposite && <li><button type="button" class="menu-item" onClick={() => { close(); go(withFilter(state, opposite)); }}>Without {describeFilter(condition)}</button></li>}
          <li><button type="button" class="menu-item" onClick={() => { close(); go({ ...state, question: grouped }); }}>Group by {quoted(condition.column)}</button></li>
        </ul>
      )}
    </Popover>
  );
}

const OPPOSITES: Record<string, string> = { '=': '!=', '!=': '=', '>=': '<', '<': '>=', exists: 'does-not-exist', 'does-not-exist': 'exists' };

function oppositeOf({ column, op, value }: Filter): Filter | null {
  const opposite = OPPOSITES[op];
  return opposite ? { column, op: opposite, ...(value !== undefined && { value }) } : null;
}
