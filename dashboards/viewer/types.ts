/** What the collector's HTTP API takes and answers, and what a dashboard definition holds. */

export type Scalar = string | number | boolean;
export type Value = Scalar | null | undefined;
export type Row = Record<string, Value>;
/** A list of an event; null is an unknown number, an empty text an unknown text. */
export type Items = readonly (Scalar | null)[];
/** One event with all of its fields. */
export type WholeEvent = Record<string, Value | Items>;

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

export interface Query {
  calculations: Calculation[];
  filters?: Filter[];
  breakdowns?: string[];
  orders?: Order[];
  havings?: object[];
  granularity?: number;
  limit?: number;
  disable_series?: boolean;
}

export type QueryRequest = Query & TimeFields & { dataset: string };

export interface Meta {
  elapsed_ms: number;
  rows_read: number;
  start_time: number;
  end_time: number;
  granularity: number;
  limited: boolean;
}

export interface Answer {
  results: { data: Row }[];
  series?: { time: string; data: Row }[];
  meta: Meta;
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
}

export interface Definition extends DashboardEntry {
  /** The dataset that it is always about, such as the collector's own. */
  dataset?: string;
  filters?: Filter[];
  queries: Record<string, Query>;
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
}

export interface TimeseriesOptions extends PanelBase {
  kind: 'timeseries';
  mark: 'line' | 'bars';
  value: string;
  vital?: VitalName;
  unit?: 'ms' | 'bytes';
  count?: string;
}

export interface ColumnOptions {
  key: string;
  title: string;
  vital?: VitalName;
  count?: string;
  bar?: boolean;
}

export interface TableOptions extends PanelBase {
  kind: 'table';
  columns: ColumnOptions[];
  sort?: Sort;
  rows?: number;
}

export type PanelOptions = VitalOptions | TimeseriesOptions | TableOptions;
