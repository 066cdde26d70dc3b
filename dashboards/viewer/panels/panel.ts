/** What a panel is: a component of data, options and context. It fetches nothing. */

import type { Cursor } from '../charts/cursor';
import type { State } from '../state';
import type { Field, Filter, Marker, PanelOptions, QueryRequest, Row, Selection } from '../types';

export interface PanelContext {
  cursor: Cursor;
  /** The names that the panel's query groups by. */
  breakdowns: readonly string[];
  /** What happened in the time that is shown. */
  markers: readonly Marker[];
  /** Looks a field up in the dictionary. */
  field: (name: string) => Field | undefined;
  /** Nothing can be filtered, selected or asked further: what is shown is all there is. */
  readOnly?: boolean | undefined;
  /** False of a name that only the panel's query has, or that is of items: no filter of the whole view can be on it. */
  canFilter: (name: string) => boolean;
  addFilter: (filter: Filter) => void;
  addFilters: (filters: readonly Filter[]) => void;
  /** Shows only what happened from one moment to another, epoch ms. */
  zoom: (start: number, end: number) => void;
  /** Asks what is different about some of the events. */
  select: (selection: Selection) => void;
  /** What is selected, where this view shows it. */
  selection: Selection | null;
  /** The state that looks closer; null where nothing does. */
  detail: State | null;
  /** Asks what is different about one group; left out where a view does not offer it. */
  selectGroup?: (row: Row) => void;
  /** The state of Explore that asks the same; null where there is none. */
  explore: State | null;
  /** What was asked. */
  request: QueryRequest | null;
}

export interface PanelProps<Data, Options = PanelOptions> {
  data: Data;
  options: Options;
  context: PanelContext;
}
