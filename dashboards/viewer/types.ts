/** What the collector's HTTP API takes and answers, and what a dashboard definition holds. */

import type { Show } from './question';

export type Scalar = string | number | boolean;
export type Value = Scalar | null | undefined;
export type Row = Record<string, Value>;
/** A list of an event; null is an unknown number, an empty text an unknown text. */
export type Items = readonly (Scalar | null)[];
/** One event with all of its fields. */
export type WholeEvent = Record<string, Value | Items>;

export interface FoundEvent {
  event: WholeEvent;
  session: Session | null;
}

/** The events of a session within a day of one of them, the oldest first. */
export interface Session {
  id: string;
  events: Row[];
  /** There are more. */
  limited: boolean;
}

export interface Filter {
  column: string;
  op: string;
  value?: Scalar | Scalar[];
}

export interface Calculation {
  op: string;
  column?: string;
  name?: string;
  filters?: Filter[];
  filter_combination?: 'AND' | 'OR';
}

export interface Order {
  op?: string;
  column?: string;
  order: Direction;
}

export type Direction = 'ascending' | 'descending';

export interface Sort {
  key: string;
  order: Direction;
}

/** Either the last seconds, or from one moment to another (epoch seconds). */
export type TimeFields = { time_range: number } | { start_time: number; end_time: number };

export interface Having {
  calculate_op: string;
  column?: string;
  op: string;
  value: number;
}

/** A name for an expression: over calculations a formula, over fields a calculated field. */
export interface Named {
  name: string;
  expression: string;
}

export interface Query {
  calculations: Calculation[];
  formulas?: Named[];
  calculated_fields?: Named[];
  filters?: Filter[];
  breakdowns?: string[];
  orders?: Order[];
  havings?: Having[];
  granularity?: number;
  /** With the collector's choice of a granularity: the fewest events of a point, on average. */
  granularity_min_events?: number;
  limit?: number;
  disable_series?: boolean;
  compare_time_offset_seconds?: number;
  disable_total_by_aggregate?: boolean;
}

export type QueryRequest = Query & TimeFields & { dataset: string };

export interface Meta {
  elapsed_ms: number;
  rows_read: number;
  start_time: number;
  end_time: number;
  granularity: number;
  limited: boolean;
  /** The answer is one from a sample, and the whole one follows. */
  sampled?: boolean;
  /** How large the sample is, of 1. */
  sample_share?: number;
  /** By the key of a HEATMAP: cell k holds the values from edge k up to edge k + 1. */
  heatmaps?: Record<string, { edges: number[] }>;
}

/** The cells of a HEATMAP that have any events, with their number. */
export type Cells = [number, number][];
/** What a group or a point of a series has by key; only a HEATMAP has cells. */
export type Data = Record<string, Value | Cells>;

/** The 95 % interval of a percentile, and how many events of weight one would be as sure. */
export interface Interval {
  low: number;
  high: number;
  effective_rows: number;
}

export interface Answer {
  /** `intervals` are those of percentiles, by key. */
  results: { data: Row; intervals?: Record<string, Interval | null> }[];
  series?: { time: string; data: Row }[];
  /** The calculations over all groups, where they were asked for. */
  total_by_aggregate?: { data: Row };
  /** The same of an earlier range, where one was asked for. */
  comparison?: { start_time: number; end_time: number; results: { data: Row }[]; series?: { time: string; data: Row }[] };
  meta: Meta;
}

/** Something that happened, to be seen on charts over time. */
export interface Marker {
  id: string;
  /** Epoch seconds. */
  start_time: number;
  end_time?: number | null;
  message: string;
  type?: string | null;
  url?: string | null;
}

export type EventsRequest = TimeFields & {
  dataset: string;
  filters: Filter[];
  columns: string[];
  orders: { column: string; order: Direction }[];
  limit: number;
};

export interface Events {
  events: Row[];
  meta: Omit<Meta, 'granularity'>;
}

export type CheckStatus = 'pass' | 'degraded' | 'fail' | 'no_data';

/** How many of a check's regular runs ended how, in one span of time. */
export type CheckBar = { time: string } & Record<CheckStatus, number>;

export interface CheckPlace {
  location: string;
  is_regular: boolean;
  at: string;
  status: CheckStatus | null;
  run_id: string;
  reason: string | null;
  message: string | null;
  duration: number | null;
  is_flaky: boolean | null;
}

export interface Check {
  name: string;
  title: string;
  kind: string;
  suite: string;
  status: CheckStatus | null;
  /** Percent, cut to three decimals; null without a run that counts. */
  uptime: number | null;
  counts: Record<CheckStatus, number>;
  locations: CheckPlace[];
  bars: CheckBar[];
}

export interface Checks {
  checks: Check[];
  meta: Omit<Meta, 'limited'>;
}

/** A file that a run left: a picture is shown, all else is text or to be saved. */
export interface Evidence {
  kind: string;
  name: string;
  sha256: string;
  media_type: string;
  size: number;
}

/** The picture of a step: the accepted one, and the one that waits for a decision; pictures are named by their SHA-256, empty for none. */
export interface Baseline {
  id: string;
  check: string;
  step: string;
  browser: string;
  viewport: string;
  accepted: string;
  accepted_at: string;
  accepted_by: string;
  pending: string;
  difference: string;
  pending_at: string;
  run_id: string;
  percent: number;
  history: { what: string; at: string; by: string; run_id: string }[];
}

export interface CheckRun {
  run: WholeEvent;
  attempts: WholeEvent[];
  steps: WholeEvent[];
  probes: WholeEvent[];
  page_views: WholeEvent[];
  others: WholeEvent[];
  evidence: Evidence[];
}

/** A question that somebody has kept under a name. */
export interface SavedQuery {
  id: string;
  name: string;
  show: Show;
  query: Query & { dataset: string };
  named_by: string;
  /** Epoch seconds. */
  named_at: number;
}

/** What is asked of a query that a dashboard names: another time, and what its reader has chosen. */
export type NamedRequest = { [key in 'time_range' | 'start_time' | 'end_time' | 'granularity' | 'granularity_min_events']?: number | undefined } & {
  chosen: Record<string, string>;
  /** For each kind of device, where the panels of the query can show that. */
  split?: boolean | undefined;
  compare_time_offset_seconds?: number | undefined;
};

/** A link to a dashboard, as its makers see it. Times are epoch seconds. */
export interface Share {
  id: string;
  dataset: string;
  note: string;
  created_by: string;
  expires_at: number;
}

/** What makes a link to a dashboard. */
export interface ShareRequest {
  dataset: string;
  filters: Filter[];
  expires_at: number;
  note?: string;
  start_time?: number;
  end_time?: number;
}

/** What a link to a dashboard shows. */
export interface SharedDashboard {
  dashboard: Definition;
  dataset: string;
  filters: Filter[];
  /** Epoch seconds; null where the holder of the link chooses. */
  time: { start_time: number; end_time: number } | null;
  expires_at: number;
}

export interface Me {
  version: string;
  datasets: string[];
  demo: boolean;
  user: User;
}

export interface User {
  kind: 'user' | 'sso' | 'token' | 'admin-token';
  name: string;
  /** By dataset, or `*` for all. */
  roles: Record<string, 'viewer' | 'editor' | 'admin'>;
}

export interface Dataset {
  name: string;
  site_keys: string[];
  retention_days: number;
  events: number;
  last_event_at: string | null;
}

export interface Field {
  name: string;
  type: 'string' | 'number' | 'boolean' | 'time' | 'strings' | 'numbers' | 'booleans';
  unit: string;
  meaning: string;
  group: string;
  origin: 'dictionary' | 'attribute';
}

export interface DashboardEntry {
  id: string;
  title: string;
  description: string;
  origin?: 'prebuilt' | 'own';
  /** Of an own one: changes with every change. */
  version?: number;
  changed_by?: string;
  /** Epoch seconds. */
  changed_at?: number;
}

/** Some of the events of a query, as BubbleUp takes them: what is given holds together. */
export interface Selection {
  column?: string;
  /** A number, or a percentile such as P90. Both ends are included. */
  min?: number | string;
  max?: number | string;
  /** Epoch seconds, without the end. */
  start_time?: number;
  end_time?: number;
  filters?: Filter[];
  group?: Record<string, Value>;
}

export interface BubbleUpRequest {
  query: QueryRequest;
  selection: Selection;
}

/** Shares of the selection and of the baseline, from 0 to 1. */
export interface Shares {
  selection: number;
  baseline: number;
}

export interface Difference {
  column: string;
  type: string;
  role: 'circumstance' | 'measure';
  stands_out: boolean;
  condition: Filter;
  selection: { share: number; null_share: number };
  baseline: { share: number; null_share: number };
  distinct_values: number;
  values?: ({ value: Scalar } & Shares)[];
  bins?: ({ from: number; to: number } & Shares)[];
}

export interface Side {
  events: number;
  rows: number;
  looked_at: number;
  filters: Filter[];
}

export interface BubbleUp {
  summary: string;
  finding: ({ conditions: Filter[] } & Shares) | null;
  fields: Difference[];
  selection: Side;
  baseline: Side;
}

/** What the reader chooses for a dashboard; `{name}` in its texts stands for the value. */
export interface Parameter {
  name: string;
  title: string;
  default: string;
  values: { value: string; title: string }[];
}

/** A group of events; `filters` are what the reader has not changed. */
export interface Segment {
  name: string;
  title: string;
  filters: Filter[];
}

/** Only the events whose value lies between two percentiles of all: parts are then averaged over events of about the same length. */
export interface Cohort {
  column: string;
  from: string;
  to: string;
}

export type DefinedQuery = Query & { cohort?: Cohort };

export interface Definition extends DashboardEntry {
  parameters?: Parameter[];
  /** The reader may have another percentile in the place of every P75. */
  choose_percentile?: boolean;
  /** Groups to compare; calculations name them in the place of a filter. */
  segments?: Segment[];
  /** The dataset that it is always about, such as the collector's own. */
  dataset?: string;
  filters?: Filter[];
  queries: Record<string, DefinedQuery>;
  panels: PanelOptions[];
}

interface PanelBase {
  id: string;
  title: string;
  query: string;
  width: number;
  note?: string;
}

export type VitalName = 'lcp' | 'inp' | 'cls' | 'fcp' | 'ttfb';

export interface VitalOptions extends PanelBase {
  kind: 'vital';
  vital: VitalName;
  value: string;
  bands: [string, string, string];
  /** The dashboard that looks closer at a vital, by its parameter of this name. */
  detail?: string;
}

export interface TimeseriesOptions extends PanelBase {
  kind: 'timeseries';
  mark: 'line' | 'bars';
  /** One value, of each group where the query has a breakdown; or else `lines`. */
  value?: string;
  lines?: LineOptions[];
  vital?: VitalName;
  unit?: Unit;
  count?: string;
}

export interface LineOptions {
  key: string;
  title: string;
}

export type Unit = 'ms' | 'bytes' | 'share' | 'count';

export interface SharesOptions extends PanelBase {
  kind: 'shares';
  parts: (LineOptions & { rating?: 'good' | 'needs-improvement' | 'poor' })[];
}

export interface HeatmapOptions extends PanelBase {
  kind: 'heatmap';
  /** The key of a HEATMAP. */
  value: string;
  column: string;
  vital?: VitalName;
  unit?: Unit;
  /** A value to draw over it as a line. */
  line?: LineOptions;
}

export interface HistogramOptions extends PanelBase {
  kind: 'histogram';
  /** The key of a HEATMAP. */
  value: string;
  column: string;
  vital?: VitalName;
  unit?: Unit;
  /** Values to mark on the axis, such as percentiles. */
  marks?: LineOptions[];
}

export interface PartsOptions extends PanelBase {
  kind: 'parts';
  /** Parts that add up, in ms: of all, or of each group where the query has a breakdown. */
  parts: LineOptions[];
  count: string;
}

export interface ColumnOptions {
  key: string;
  title: string;
  vital?: VitalName;
  unit?: Unit;
  count?: string;
  bar?: boolean;
}

export interface TableOptions extends PanelBase {
  kind: 'table';
  columns: ColumnOptions[];
  sort?: Sort;
  rows?: number;
}

export interface MapOptions extends PanelBase {
  kind: 'map';
  /** The breakdown that is a country, by the two letters of ISO 3166. */
  key: string;
  /** What the countries can be coloured by; the first is shown at first. */
  values: ColumnOptions[];
}

/** Two percentiles and the numbers of samples behind them. */
export interface DeltaPair {
  title: string;
  vital?: VitalName;
  unit?: Unit;
  a: string;
  b: string;
  a_count: string;
  b_count: string;
}

export interface DeltaOptions extends PanelBase {
  kind: 'delta';
  /** Who A and B are. */
  a: string;
  b: string;
  pairs: DeltaPair[];
}

export interface OverlayOptions extends PanelBase {
  kind: 'overlay';
  column: string;
  vital?: VitalName;
  unit?: Unit;
  /** The keys of HEATMAPs. */
  lines: LineOptions[];
  /** A value of each line to mark. */
  marks?: LineOptions[];
}

export interface ImpactOptions extends PanelBase {
  kind: 'impact';
  /** The breakdown by a BUCKET. */
  bucket: string;
  /** How many there are in a range, and how many of them did it. */
  total: string;
  part: string;
  vital?: VitalName;
  unit?: Unit;
}

export type PanelOptions =
  | VitalOptions | TimeseriesOptions | SharesOptions | HeatmapOptions | HistogramOptions | PartsOptions | TableOptions | MapOptions
  | DeltaOptions | OverlayOptions | ImpactOptions;
