/** Learns who is asking and about which dataset, then shows the frame of the page and the view that the URL names. */

import { useEffect, useErrorBoundary, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { Api } from '../api';
import { createCursor } from '../charts/cursor';
import type { App } from '../context';
import { AppProvider } from '../context';
import { useUrlState } from '../history';
import type { Cache } from '../resource';
import { useResource } from '../resource';
import { harmless } from '../format';
import type { State, Time } from '../state';
import { DEFAULT_STATE, WITHOUT_TIME, fixedTime, withFilter } from '../state';
import type { DashboardEntry, Field, Marker, Me, User } from '../types';
import { lazy } from '../ui/lazy';
import { Failure, Notice, Waiting } from '../ui/states';
import { DashboardView } from '../views/dashboard';
import { FilterBar } from './filterBar';
import { Keys } from './keys';
import { useLive } from './live';
import { Rail } from './rail';
import { TopBar } from './topBar';

// What the Overview does not need comes when it is asked for.
const PageViewsView = lazy(() => import('../views/pageViews').then((module) => module.PageViewsView));
const PageViewView = lazy(() => import('../views/pageView').then((module) => module.PageViewView));
const AlertsView = lazy(() => import('../views/alerts').then((module) => module.AlertsView));
const IncidentView = lazy(() => import('../views/incident').then((module) => module.IncidentView));
const ChecksView = lazy(() => import('../views/checks').then((module) => module.ChecksView));
const CheckView = lazy(() => import('../views/check').then((module) => module.CheckView));
const CheckRunView = lazy(() => import('../views/checkRun').then((module) => module.CheckRunView));
const CheckPicturesView = lazy(() => import('../views/checkPictures').then((module) => module.CheckPicturesView));
const ExploreView = lazy(() => import('../views/explore').then((module) => module.ExploreView));

const NO_MARKERS: readonly Marker[] = [];
const NO_FIELDS: ReadonlyMap<string, Field> = new Map();

export function Root({ api, cache }: { api: Api; cache: Cache }) {
  const me = useResource('me', 0, (signal) => api.me(signal), cache);
  const [changes, setChanges] = useState(0);
  const dashboards = useResource('dashboards', changes, (signal) => api.dashboards(signal), cache);
  if (me.error) return <main id="main"><Failure error={me.error} onRetry={me.retry} /></main>;
  if (!me.data) return <Waiting label="Loading" />;
  if (me.data.datasets.length === 0) return <NoDataset api={api} user={me.data.user} />;
  const changed = { dashboardChanges: changes, dashboardsChanged: () => setChanges((count) => count + 1) };
  return <Page api={api} cache={cache} me={me.data} dashboards={dashboards.data ?? []} changed={changed} />;
}

function NoDataset({ api, user }: { api: Api; user: User }) {
  return (
    <main id="main">
      <Notice title="No dataset">
        <p>
          You are signed in as <bdi>{user.name}</bdi>, and there is no dataset that you may see. An admin can give you a role:
          {' '}<code>wideload users role {user.name} viewer</code>
        </p>
        <button type="button" onClick={() => api.logout()}>Sign out</button>
      </Notice>
    </main>
  );
}

interface PageProps {
  api: Api;
  cache: Cache;
  me: Me;
  dashboards: readonly DashboardEntry[];
  changed: Pick<App, 'dashboardsChanged' | 'dashboardChanges'>;
}

function Page({ api, cache, me, dashboards, changed }: PageProps) {
  const [state, go] = useUrlState();
  const [refreshes, setRefreshes] = useState(0);
  const [polls, setPolls] = useState(0);
  const cursor = useMemo(createCursor, []);
  const dataset = state.dataset || me.datasets[0]!;
  const fields = useFields(api, dataset, refreshes);
  const markers = useMarkers(api, dataset, state.time, refreshes + polls);
  const refresh = () => setRefreshes((count) => count + 1);
  const poll = () => setPolls((count) => count + 1);
  useLive(state, poll);
  const title = titleOf(state, dashboards);
  useEffect(() => {
    document.title = `${title} – Wideload`;
  }, [title]);

  useFocusOnView(`${state.view} ${state.id}`);

  const app: App = {
    ...changed, api, cache, cursor, me, dataset, dashboards, fields, markers, state, go, refresh, poll,
    tick: refreshes + polls,
    addFilter: (filter) => go(withFilter(state, filter)),
  };
  return (
    <AppProvider value={app}>
      <a class="skip" href="#main">Skip to the content</a>
      <Keys />
      <TopBar />
      <Rail />
      <div class="content">
        {!WITHOUT_TIME.has(state.view) && !UNFILTERED.includes(state.view) && <FilterBar />}
        <View key={state.view} view={state.view} />
      </div>
    </AppProvider>
  );
}

/** What these show is found by an id, or is about checks as a whole. */
const UNFILTERED = ['page-view', 'checks', 'check', 'check-run', 'check-pictures'];

function View({ view }: { view: string }) {
  const [error, reset] = useErrorBoundary();
  if (error) return <main id="main"><Failure error={new Error(`This view could not be drawn: ${error.message}`)} onRetry={reset} /></main>;
  if (view === 'page-views') return <PageViewsView fallback={<Coming />} />;
  if (view === 'explore') return <ExploreView fallback={<Coming />} />;
  if (view === 'alerts') return <AlertsView fallback={<Coming />} />;
  if (view === 'incident') return <IncidentView fallback={<Coming />} />;
  if (view === 'checks') return <ChecksView fallback={<Coming />} />;
  if (view === 'check') return <CheckView fallback={<Coming />} />;
  if (view === 'check-run') return <CheckRunView fallback={<Coming />} />;
  if (view === 'check-pictures') return <CheckPicturesView fallback={<Coming />} />;
  if (view === 'page-view') return <PageViewView fallback={<Coming />} />;
  return <DashboardView id={view} />;
}

function Coming() {
  return <main id="main" tabIndex={-1} aria-busy><Waiting /></main>;
}

function useFields(api: Api, dataset: string, tick: number): ReadonlyMap<string, Field> {
  const fields = useResource(`fields ${dataset}`, tick, (signal) => api.fields(dataset, signal));
  return useMemo(() => (fields.data ? new Map(fields.data.map((field) => [field.name, field])) : NO_FIELDS), [fields.data]);
}

/** A chart without its markers is still a chart, so nothing is said where they do not come. */
function useMarkers(api: Api, dataset: string, time: Time, tick: number): readonly Marker[] {
  const load = (signal: AbortSignal) => {
    const { start, end } = fixedTime(time, Date.now() / 1000);
    return api.markers(dataset, start, end, signal);
  };
  const { data, stale } = useResource(`markers ${dataset} ${JSON.stringify(time)}`, tick, load);
  return stale || !data ? NO_MARKERS : data;
}

/** Moves the focus to a view that was gone to, as loading a page does; before the paint, so that it takes it from nothing opened since. */
function useFocusOnView(view: string) {
  const last = useRef(view);
  useLayoutEffect(() => {
    if (last.current !== view) document.getElementById('main')?.focus({ preventScroll: true });
    last.current = view;
  }, [view]);
}

function titleOf(state: State, dashboards: readonly DashboardEntry[]): string {
  if (state.view === 'explore') return 'Explore';
  if (state.view === 'page-views') return 'Page views';
  if (state.view === 'page-view') return 'Page view';
  if (state.view === 'alerts') return 'Alerts';
  if (state.view === 'incident') return 'Incident';
  if (state.view === 'checks') return 'Checks';
  if (state.view === 'check') return harmless(state.id);
  if (state.view === 'check-run') return 'Run of a check';
  if (state.view === 'check-pictures') return 'Pictures of checks';
  return dashboards.find(({ id }) => id === state.view)?.title ?? (state.view === DEFAULT_STATE.view ? 'Overview' : 'Dashboard');
}
