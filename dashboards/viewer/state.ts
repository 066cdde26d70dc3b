/**
 * What the reader looks at, kept whole in the URL: view, dataset, time, filters. A link is a view; the back button works.
 *
 *     ?view=page-views&dataset=demo&time=7d&f=page.path:=:/checkout&sort=lcp.value:descending
 */

import type { Question } from './question';
import { DEFAULT_QUESTION, formatQuestion, parseQuestion } from './question';
import type { Cohort, Direction, Filter, Scalar, Sort, TimeFields } from './types';

export type Time = { preset: Preset } | { start: number; end: number };

export interface State {
  /** The id of a dashboard, `explore`, `page-views`, `page-view`, `checks`, `check`, `check-run`, `check-pictures`, `alerts` or `incident`. */
  view: string;
  /** Empty: the first one that the reader may see. */
  dataset: string;
  time: Time;
  filters: Filter[];
  /** How the list of page views is sorted; null for the newest first. */
  sort: Sort | null;
  /** Ask again every few seconds. */
  live: boolean;
  /** The event of the view `page-view`, the incident of `incident`, the name of the check of `check`, or the run of `check-run`. */
  id: string;
  /** What the earlier time is that charts and tiles compare with. */
  compare: Compare;
  /** Desktop, mobile and other devices side by side, as vitals are judged apart for them. */
  split: boolean;
  /** What the reader has chosen of a dashboard's parameters, such as the percentile. */
  parameters: Record<string, string>;
  /** What the view `explore` asks. */
  question: Question;
  /** Of `explore` and the list: only the events between two percentiles of a value, as parts of a vital are asked about. */
  cohort: Cohort | null;
}

export const COMPARISONS = { '': 'Nothing', previous: 'The time before', week: 'A week before' } as const;

export type Compare = keyof typeof COMPARISONS;

export const PRESETS = {
  '15m': { seconds: 900, title: '15 min', spoken: 'the last 15 minutes' },
  '1h': { seconds: 3600, title: '1 h', spoken: 'the last hour' },
  '6h': { seconds: 21_600, title: '6 h', spoken: 'the last 6 hours' },
  '24h': { seconds: 86_400, title: '24 h', spoken: 'the last 24 hours' },
  '7d': { seconds: 604_800, title: '7 d', spoken: 'the last 7 days' },
  '30d': { seconds: 2_592_000, title: '30 d', spoken: 'the last 30 days' },
} as const;

export type Preset = keyof typeof PRESETS;

export const DEFAULT_STATE: State = {
  view: 'overview',
  dataset: '',
  time: { preset: '24h' },
  filters: [],
  sort: null,
  live: false,
  id: '',
  compare: '',
  split: false,
  parameters: {},
  question: DEFAULT_QUESTION,
  cohort: null,
};

/** Views that are not about the events of a time that the reader chooses. */
export const WITHOUT_TIME: ReadonlySet<string> = new Set(['page-view', 'check-pictures', 'alerts', 'incident']);

/** Operators of a filter, with how many values they take. */
export const OPERATORS: Record<string, 'none' | 'one' | 'many'> = {
  '=': 'one',
  '!=': 'one',
  '>': 'one',
  '>=': 'one',
  '<': 'one',
  '<=': 'one',
  contains: 'one',
  'does-not-contain': 'one',
  'starts-with': 'one',
  'does-not-start-with': 'one',
  'ends-with': 'one',
  'does-not-end-with': 'one',
  in: 'many',
  'not-in': 'many',
  exists: 'none',
  'does-not-exist': 'none',
};

const FILTER = new RegExp(`^(.+?):(${Object.keys(OPERATORS).join('|')})(?::(.*))?$`, 's');

/** Reads the state from the query part of a URL. What cannot be read is left at its default. */
export function parseState(search: string): State {
  const params = new URLSearchParams(search);
  return {
    view: params.get('view') || DEFAULT_STATE.view,
    dataset: params.get('dataset') ?? '',
    time: parseTime(params.get('time') ?? ''),
    filters: params.getAll('f').flatMap(parseFilter),
    sort: parseSort(params.get('sort') ?? ''),
    live: params.get('live') === '1',
    id: params.get('id') ?? '',
    compare: parseCompare(params.get('compare') ?? ''),
    split: params.get('split') === '1',
    parameters: Object.fromEntries([...params].filter(([name]) => PARAMETER.test(name)).map(([name, value]) => [name.slice(4), value])),
    question: parseQuestion(params),
    cohort: parseCohort(params.get('cohort') ?? ''),
  };
}

const PARAMETER = /^var-[a-z]+$/;

/** `lcp.value:P70:P80`. */
function parseCohort(text: string): Cohort | null {
  const [, column, from, to] = /^(.+):(P\d{1,2}):(P\d{1,2})$/.exec(text) ?? [];
  return column && from && to ? { column, from, to } : null;
}

function parseCompare(text: string): Compare {
  return Object.hasOwn(COMPARISONS, text) ? (text as Compare) : '';
}

/** The views that show one thing, whose id stands in the URL. */
const OF_ONE = ['page-view', 'incident', 'check', 'check-run'];

/** Writes the state as the query part of a URL, leaving defaults out. */
export function formatState(state: State): string {
  const parts: [string, string][] = [];
  if (state.view !== DEFAULT_STATE.view) parts.push(['view', state.view]);
  if (state.id && OF_ONE.includes(state.view)) parts.push(['id', state.id]);
  if (state.dataset) parts.push(['dataset', state.dataset]);
  const time = formatTime(state.time);
  if (time !== formatTime(DEFAULT_STATE.time)) parts.push(['time', time]);
  for (const filter of state.filters) parts.push(['f', formatFilter(filter)]);
  if (state.sort) parts.push(['sort', `${state.sort.key}:${state.sort.order}`]);
  if (state.live) parts.push(['live', '1']);
  if (state.compare) parts.push(['compare', state.compare]);
  if (state.split) parts.push(['split', '1']);
  for (const [name, value] of Object.entries(state.parameters)) parts.push([`var-${name}`, value]);
  if (state.cohort && hasCohort(state)) parts.push(['cohort', [state.cohort.column, state.cohort.from, state.cohort.to].join(':')]);
  if (state.view === 'explore') parts.push(...formatQuestion(state.question));
  return `?${parts.map(([name, value]) => `${name}=${encode(value)}`).join('&')}`;
}

/** Whether the view is about a cohort, where one is chosen; a dashboard says itself what its panels are about. */
export function hasCohort({ view }: Pick<State, 'view'>): boolean {
  return view === 'explore' || view === 'page-views';
}

/** Escapes a value for the query part, but leaves readable what may stand there as it is. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(/%(3A|2F|2C|3D|40|28|29|20)/g, (code) => (code === '%20' ? '+' : decodeURIComponent(code)));
}

function parseTime(text: string): Time {
  if (Object.hasOwn(PRESETS, text)) return { preset: text as Preset };
  const [start, end] = text.split('_').map((moment) => Date.parse(moment) / 1000);
  if (start !== undefined && end !== undefined && start < end) return { start, end };
  return DEFAULT_STATE.time;
}

function formatTime(time: Time): string {
  if ('preset' in time) return time.preset;
  return `${formatIso(time.start)}_${formatIso(time.end)}`;
}

function formatIso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function parseSort(text: string): Sort | null {
  const [, key, order] = /^(.+):(ascending|descending)$/.exec(text) ?? [];
  return key && order ? { key, order: order as Direction } : null;
}

/** `column:op:value`; the value is text unless it reads as a number, a boolean, or JSON text or list. */
function parseFilter(text: string): Filter[] {
  const match = FILTER.exec(text);
  const [, column, op, value] = match ?? [];
  const takes = op === undefined ? undefined : OPERATORS[op];
  if (!column || !op || !takes) return [];
  if (takes === 'none') return [{ column, op }];
  if (value === undefined) return [];
  const parsed = parseValue(value);
  return [{ column, op, value: takes === 'many' && !Array.isArray(parsed) ? [parsed] : parsed }];
}

function formatFilter(filter: Filter): string {
  if (filter.value === undefined) return `${filter.column}:${filter.op}`;
  return `${filter.column}:${filter.op}:${formatValue(filter.value)}`;
}

/** Filters as they stand in a URL, alone: `f=device.type:=:mobile&f=lcp.value:>:2500`. */
export function formatFilters(filters: readonly Filter[]): string {
  return filters.map((filter) => `f=${encode(formatFilter(filter))}`).join('&');
}

export function parseFilters(text: string): Filter[] {
  return new URLSearchParams(text).getAll('f').flatMap(parseFilter);
}

function parseValue(text: string): Scalar | Scalar[] {
  if (!/^(-?\d|["[]|true$|false$)/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) return value;
  } catch {
    // Not JSON after all, such as 2026-11-23 or [draft.
  }
  return text;
}

function formatValue(value: Scalar | Scalar[]): string {
  if (typeof value === 'string' && parseValue(value) === value) return value;
  return JSON.stringify(value);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The time part of a request. */
export function timeFields(time: Time): TimeFields {
  if ('preset' in time) return { time_range: PRESETS[time.preset].seconds };
  return { start_time: Math.floor(time.start), end_time: Math.ceil(time.end) };
}

/** How many seconds the time spans. */
export function timeSpan(time: Time): number {
  return 'preset' in time ? PRESETS[time.preset].seconds : time.end - time.start;
}

/** The same time as it is now, in whole seconds. */
export function fixedTime(time: Time, now: number): { start: number; end: number } {
  return 'preset' in time ? { start: Math.floor(now) - timeSpan(time), end: Math.floor(now) } : time;
}

/** How much earlier the time is that is compared with, in seconds; null to compare with nothing. */
export function compareOffset({ compare, time }: Pick<State, 'compare' | 'time'>): number | null {
  if (!compare) return null;
  const span = Math.ceil(timeSpan(time));
  return compare === 'week' ? Math.ceil(span / WEEK) * WEEK : span;
}

const WEEK = 604_800;

/** Adds a filter unless it is there already. */
export function withFilter(state: State, filter: Filter): State {
  const text = formatFilter(filter);
  if (state.filters.some((other) => formatFilter(other) === text)) return state;
  return { ...state, filters: [...state.filters, filter] };
}

export function withFilters(state: State, filters: readonly Filter[]): State {
  return filters.reduce(withFilter, state);
}

/** Keeps at most this one filter on its column: the way a switch filters. */
export function withOnlyFilter(state: State, column: string, filter: Filter | null): State {
  const others = state.filters.filter((other) => other.column !== column);
  return { ...state, filters: filter ? [...others, filter] : others };
}

/** The filter that keeps what has this value: none is a value too. */
export function filterFor(column: string, value: Scalar | null | undefined): Filter {
  return value === null || value === undefined ? { column, op: 'does-not-exist' } : { column, op: '=', value };
}

/** Explore begins with the page views of people, unless the reader's filters say which events are meant. */
export function exploreFrom(state: State): State {
  const usual = [{ column: 'kind', op: '=', value: 'page_view' }, { column: 'user_agent.is_bot', op: '!=', value: true }];
  const missing = usual.filter(({ column }) => !state.filters.some((filter) => filter.column === column));
  return { ...state, view: 'explore', id: '', sort: null, cohort: hasCohort(state) ? state.cohort : null, filters: state.view === 'explore' ? state.filters : [...missing, ...state.filters] };
}
