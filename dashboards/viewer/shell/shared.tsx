/** A dashboard that somebody has shared by a link: to be read, and nothing else. Nobody is signed in. */

import { useEffect, useMemo, useState } from 'preact/hooks';

import type { Api, SharedApi } from '../api';
import { createCursor } from '../charts/cursor';
import type { App } from '../context';
import { AppProvider } from '../context';
import { describeFilter } from '../definition';
import { formatRange } from '../format';
import { useUrlState } from '../history';
import { createCache, useResource } from '../resource';
import type { State } from '../state';
import type { SharedDashboard } from '../types';
import { Icon } from '../ui/icons';
import { Failure, Waiting } from '../ui/states';
import { Dashboard } from '../views/dashboard';
import { useLive } from './live';
import { TimePicker } from './timePicker';
import { Freshness } from './topBar';

const CACHED_ANSWERS = 40;

export function SharedPage({ api, link }: { api: Api; link: SharedApi }) {
  const about = useResource('shared', 0, (signal) => link.about(signal));
  if (about.error) return <main id="main" class="shared-content"><Failure error={about.error} onRetry={about.retry} /></main>;
  if (!about.data) return <Waiting label="Loading the dashboard" />;
  // A fixed time is the link's, and not asked for.
  const named: SharedApi['named'] = about.data.time
    ? (name, { granularity, granularity_min_events, chosen, split }, signal) => link.named(name, { granularity, granularity_min_events, chosen, split }, signal)
    : link.named;
  return <Page api={{ ...api, named }} about={about.data} />;
}

function Page({ api, about }: { api: Api; about: SharedDashboard }) {
  const [state, goTo] = useUrlState();
  const kept = useMemo(() => ({ cache: createCache(CACHED_ANSWERS), cursor: createCursor() }), []);
  const { dashboard, dataset, time } = about;
  const shown: State = { ...state, view: dashboard.id, dataset, filters: [], ...(time && { compare: '' }), ...(time && { time: { start: time.start_time, end: time.end_time } }) };
  // Of what views ask for, a link has other times and other choices of the same dashboard.
  const go = (next: State) => goTo({ ...state, time: next.time, parameters: next.parameters, live: next.live, compare: next.compare, split: next.split });
  const [tick, setTick] = useState(0);
  const refresh = () => setTick((count) => count + 1);
  useLive(shown, refresh);
  const nothing = () => undefined;
  useEffect(() => {
    document.title = `${dashboard.title} – Wideload`;
  }, [dashboard.title]);
  const app: App = {
    ...kept, api, dataset, go, state: shown, readOnly: true,
    me: { version: '', datasets: [dataset], demo: false, user: { kind: 'token', name: '', roles: {} } },
    dashboards: [], dashboardChanges: 0, dashboardsChanged: nothing, fields: new Map(), markers: [], addFilter: nothing, tick, refresh, poll: refresh,
  };
  return (
    <AppProvider value={app}>
      <header class="top-bar">
        <span class="brand"><Icon name="logo" />Wideload</span>
        <p class="shared-about">{[dataset, ...about.filters.map(describeFilter)].join(', ')}</p>
        {time ? <p class="shared-about">{formatRange(time.start_time * 1000, time.end_time * 1000)}</p> : <><TimePicker /><Freshness /></>}
      </header>
      <div class="content shared-content"><Dashboard whole={dashboard} canCompare={!time} /></div>
    </AppProvider>
  );
}
