/** What a panel is: a component of data, options and context. It fetches nothing. */

import type { Cursor } from '../charts/cursor';
import type { Field, Filter, PanelOptions } from '../types';

export interface PanelContext {
  cursor: Cursor;
  /** The names that the panel's query groups by. */
  breakdowns: readonly string[];
  /** Looks a field up in the dictionary. */
  field: (name: string) => Field | undefined;
  addFilter: (filter: Filter) => void;
}

export interface PanelProps<Data, Options = PanelOptions> {
  data: Data;
  options: Options;
  context: PanelContext;
}
