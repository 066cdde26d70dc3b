/** What every view needs: the collector, the state in the URL, and what is known about the dataset. */

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

import type { Api } from './api';
import type { Cursor } from './charts/cursor';
import type { Cache } from './resource';
import type { State } from './state';
import type { DashboardEntry, Field, Filter, Marker, Me } from './types';

export interface App {
  api: Api;
  cache: Cache;
  cursor: Cursor;
  me: Me;
  /** A link shows one dashboard: there is nothing to filter by, to explore or to go to. */
  readOnly?: boolean;
  /** The dataset that the state names, or else the first one. */
  dataset: string;
  dashboards: readonly DashboardEntry[];
  /** Asks for the dashboards again, because one was made, changed or deleted; the number counts how often. */
  dashboardsChanged: () => void;
  dashboardChanges: number;
  fields: ReadonlyMap<string, Field>;
  /** What happened in the time that is shown. */
  markers: readonly Marker[];
  state: State;
  /** Goes to another state; the one before is kept for the back button. */
  go: (state: State) => void;
  addFilter: (filter: Filter) => void;
  /** Changes when everything should be asked again. */
  tick: number;
  /** Asks everything again because the reader wants it. */
  refresh: () => void;
  /** Asks again what events can change. */
  poll: () => void;
}

const AppContext = createContext<App | null>(null);

export const AppProvider = AppContext.Provider;

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp is used outside AppProvider.');
  return app;
}
