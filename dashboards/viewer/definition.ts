/** From a dashboard definition to requests and rows of panels. */

import { quoted } from './format';
import type { Show } from './question';
import { keyOf, toQuestion } from './question';
import { describeSegment, fillSegments, segmentFilters } from './segments';
import type { State } from './state';
import { compareOffset, timeFields, withFilters } from './state';
import type { Answer, Calculation, Cohort, DefinedQuery, Definition, Filter, NamedRequest, PanelOptions, Parameter, Query, QueryRequest, TimeFields } from './types';

/** The percentiles to choose from; the first is the one that vitals are judged by. */
export const PERCENTILES = ['75', '50', '90', '95', '99'];

/**
 * Puts what the reader has chosen into a definition: the values of its parameters in the place of `{vital}` in any of its texts, also
 * in names and operators, and another percentile in the place of P75. What cannot be chosen is left as it is usually.
 */
export function applyParameters(definition: Definition, chosen: Record<string, string>): Definition {
  const { parameters = [], segments = [], ...rest } = definition;
  const values = new Map(parameters.map((parameter) => [parameter.name, chosenOf(parameter, chosen)]));
  for (const segment of segments) values.set(segment.name, describeSegment(segmentFilters(segment, chosen)));
  const percentile = definition.choose_percentile ? chosen.percentile : undefined;
  const changed = percentile !== undefined && PERCENTILES.includes(percentile) && percentile !== PERCENTILES[0];
  if (parameters.length === 0 && segments.length === 0 && !changed) return definition;
  const fill = (text: string) => {
    const filled = text.replace(/\{([a-z]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
    return changed ? filled.replace(/\b([Pp])75\b/g, `$1${percentile}`) : filled;
  };
  const filled = { ...(mapTexts(rest, fill) as Definition), parameters };
  // After the texts: what a reader filters by may have braces, too.
  return segments.length > 0 ? fillSegments({ ...filled, segments }, chosen) : filled;
}

/** The chosen value of a parameter, or its default. */
export function chosenOf({ name, values, default: usual }: Parameter, chosen: Record<string, string>): string {
  const value = Object.hasOwn(chosen, name) ? chosen[name] : undefined;
  return values.find((one) => one.value === value)?.value ?? usual;
}

function mapTexts(part: unknown, fill: (text: string) => string): unknown {
  if (typeof part === 'string') return fill(part);
  if (Array.isArray(part)) return part.map((item) => mapTexts(item, fill));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, mapTexts(value, fill)]));
}

/** Completes a query of a definition: dataset, time, and the filters of the dashboard and of the reader. */
export function buildRequest(definition: Definition, name: string, state: State, dataset: string): QueryRequest {
  const { cohort, ...query } = queryOf(definition, name, state);
  // Another time has other percentiles, so a cohort has nothing to be compared with; devices are compared with each other.
  const offset = cohort || state.split ? null : compareOffset(state);
  return {
    ...withSuitedPoints(query),
    filters: allFilters(definition, query, state),
    ...timeFields(state.time),
    ...(offset && { compare_time_offset_seconds: offset }),
    dataset: definition.dataset ?? dataset,
  };
}

/** A point of a series should hold so many events for its percentile to say something. */
const EVENTS_IN_POINT = 30;

/** The query whose points over time are as wide as it takes; itself where somebody has chosen their width, or there is nothing to count. */
export function withSuitedPoints<Q extends Query>(query: Q): Q {
  const isSuited = query.disable_series || query.granularity || !query.calculations.some((calculation) => keyOf(calculation) === 'COUNT');
  return isSuited ? query : { ...query, granularity_min_events: EVENTS_IN_POINT };
}

/** What of a query has to be said where its dashboard is asked by the names of its queries. */
export function namedRequest(definition: Definition, query: QueryRequest, { parameters, split }: State): NamedRequest {
  const names = [...(definition.parameters ?? []).map(({ name }) => name), ...(definition.choose_percentile ? ['percentile'] : [])];
  const chosen = Object.fromEntries(Object.entries(parameters).filter(([name]) => names.includes(name)));
  const { time_range, start_time, end_time, granularity, granularity_min_events, compare_time_offset_seconds } = query as QueryRequest & NamedRequest;
  return { time_range, start_time, end_time, granularity, granularity_min_events, compare_time_offset_seconds, chosen, ...(split && { split }) };
}

const SPLIT = 'device.type';

/** A query of a definition; by device where the reader wants that and all of its panels can show it. */
export function queryOf(definition: Definition, name: string, { split }: Pick<State, 'split'>): DefinedQuery {
  const query = definition.queries[name];
  if (!query) throw new Error(`The dashboard ${definition.id} has no query ${name}.`);
  const panels = definition.panels.filter((panel) => panel.query === name);
  const canSplit = panels.every((panel) => panel.kind === 'vital' || (panel.kind === 'timeseries' && !panel.lines));
  if (!split || !canSplit || query.breakdowns || query.cohort || definition.dataset) return query;
  return { ...query, breakdowns: [SPLIT], orders: [{ op: 'COUNT', order: 'descending' }], limit: 4, disable_total_by_aggregate: false };
}

/** The question about where a cohort lies. */
export function cohortRequest({ filters = [], dataset, ...request }: TimeFields & { dataset: string; filters?: Filter[] }, { column, from, to }: Cohort): QueryRequest {
  const time = 'time_range' in request ? { time_range: request.time_range } : { start_time: request.start_time, end_time: request.end_time };
  return { dataset, filters, ...time, calculations: [from, to].map((op) => ({ op, column })), disable_series: true };
}

/** The same question about a cohort alone, by the answer to where it lies. */
export function withinCohort<Request extends { filters?: Filter[] }>(request: Request, { column, from, to }: Cohort, { results }: Answer): Request {
  const [low, high] = [from, to].map((op) => results[0]?.data[`${op}(${column})`]);
  const bounds = typeof low === 'number' && typeof high === 'number'
    ? [{ column, op: '>=', value: low }, { column, op: '<=', value: high }]
    : [{ column, op: 'exists' }];
  return { ...request, filters: [...(request.filters ?? []), ...bounds] };
}

/** Writes a cohort: `lcp.value from p70 to p80`. */
export function describeCohort({ column, from, to }: Cohort): string {
  return `${quoted(column)} from ${from.toLowerCase()} to ${to.toLowerCase()}`;
}

function allFilters(definition: Definition, query: Query, state: State): Filter[] {
  // The reader's filters are about the dataset that is chosen; a definition may be about another one.
  const chosen = definition.dataset ? [] : state.filters;
  return [...(definition.filters ?? []), ...(query.filters ?? []), ...chosen];
}

/** The state of Explore that asks what a panel shows. */
export function exploreState(definition: Definition, panel: PanelOptions, state: State): State {
  const query = queryOf(definition, panel.query, state);
  const keys = panelKeys(panel);
  const formulas = (query.formulas ?? []).filter(({ name }) => keys.has(name));
  const used = (calculation: Calculation) =>
    keys.has(keyOf(calculation)) || formulas.some(({ expression }) => [`$${keyOf(calculation)}`, `$"${keyOf(calculation)}"`].some((name) => expression.includes(name)));
  return {
    ...state,
    view: 'explore',
    id: '',
    sort: null,
    dataset: definition.dataset ?? state.dataset,
    filters: withFilters({ ...state, filters: [] }, allFilters(definition, query, state)).filters,
    cohort: query.cohort ?? null,
    question: toQuestion({ ...query, formulas, calculations: query.calculations.filter(used) }, showOf(panel)),
  };
}

function showOf(panel: PanelOptions): Show {
  switch (panel.kind) {
    case 'heatmap':
    case 'histogram':
    case 'table':
      return panel.kind;
    case 'parts':
    case 'map':
    case 'delta':
    case 'impact':
      return 'table';
    case 'overlay':
      return 'histogram';
    case 'timeseries':
      return panel.mark === 'bars' ? 'bars' : 'line';
    default:
      return 'line';
  }
}

/** The keys of the answer that a panel reads. */
function panelKeys(panel: PanelOptions): Set<string> {
  switch (panel.kind) {
    case 'vital':
      return new Set([panel.value, ...panel.bands]);
    case 'timeseries':
      return new Set([panel.value ?? '', ...(panel.lines ?? []).map(({ key }) => key)]);
    case 'parts':
      return new Set([panel.count, ...panel.parts.map(({ key }) => key)]);
    case 'shares':
      return new Set(panel.parts.map(({ key }) => key));
    case 'map':
      return new Set(panel.values.flatMap(({ key, count }) => [key, count ?? key]));
    case 'delta':
      return new Set(panel.pairs.flatMap((pair) => [pair.a, pair.b, pair.a_count, pair.b_count]));
    case 'impact':
      return new Set([panel.total, panel.part]);
    case 'overlay':
      return new Set(panel.lines.map(({ key }) => key));
    case 'table':
      return new Set(panel.columns.flatMap(({ key, count }) => [key, count ?? key]));
    default:
      return new Set([panel.value]);
  }
}

/** The names of the queries that some panel shows, in the order of the panels. */
export function usedQueries(definition: Definition): string[] {
  return [...new Set(definition.panels.map((panel) => panel.query))];
}

/** Breaks panels into rows of at most twelve columns. */
export function packRows(panels: readonly PanelOptions[]): PanelOptions[][] {
  const rows: PanelOptions[][] = [];
  let left = 0;
  for (const panel of panels) {
    if (panel.width > left) {
      rows.push([]);
      left = 12;
    }
    rows.at(-1)!.push(panel);
    left -= panel.width;
  }
  return rows;
}

/** True if no answer holds a number other than 0: nothing was recorded. */
export function isEmpty(answers: readonly Answer[]): boolean {
  return answers.every((answer) =>
    answer.results.every(({ data }) => Object.values(data).every((value) => typeof value !== 'number' || value === 0)),
  );
}

/** The usual filters in words: what they leave out. */
const LEFT_OUT: { filter: Filter; words: string }[] = [
  { filter: { column: 'user_agent.is_bot', op: '!=', value: true }, words: 'robots and synthetic checks' },
  { filter: { column: 'navigation.type', op: 'not-in', value: ['soft-navigation', 'route-change'] }, words: 'soft navigations' },
  { filter: { column: 'error.from_extension', op: '!=', value: true }, words: 'errors of browser extensions' },
];

/** Says what a dashboard counts and what not; empty where it counts everything. */
export function describeScope(filters: readonly Filter[]): string {
  const same = (a: Filter, b: Filter) => a.column === b.column && a.op === b.op && String(a.value) === String(b.value);
  const views = filters.some((filter) => same(filter, { column: 'kind', op: '=', value: 'page_view' }));
  const out = LEFT_OUT.filter(({ filter }) => filters.some((one) => same(one, filter))).map(({ words }) => words);
  const other = filters
    .filter((one) => !same(one, { column: 'kind', op: '=', value: 'page_view' }) && !LEFT_OUT.some(({ filter }) => same(one, filter)))
    .map(describeFilter);
  return [
    other.length > 0 ? `This dashboard counts only ${views ? 'page views' : 'events'} with ${other.join(' and ')}.`
      : views ? 'This dashboard counts page views.' : '',
    out.length > 0 ? `Left out: ${out.join(', ')}.` : '',
    views ? 'A page that was hidden is counted, but has no paint from then on; a prerendered one is timed from when it was shown.' : '',
  ].filter(Boolean).join(' ');
}

const SYMBOLS: Record<string, string> = { '!=': '≠', '>=': '≥', '<=': '≤' };

/** Writes a filter as people read it: `lcp.value > 2500`, `page.route exists`. */
export function describeFilter({ column, op, value }: Filter): string {
  const symbol = SYMBOLS[op] ?? op.replaceAll('-', ' ');
  const name = quoted(column);
  if (value === undefined) return `${name} ${symbol}`;
  return `${name} ${symbol} ${quoted(String(Array.isArray(value) ? value.join(', ') : value))}`;
}
