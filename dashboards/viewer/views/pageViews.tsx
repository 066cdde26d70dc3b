/** The newest page views as a list; each row opens one. */

import { useEffect, useState } from 'preact/hooks';

import { useApp } from '../context';
import { cohortRequest, withinCohort } from '../definition';
import { formatCount, formatField, formatSecond, quoted } from '../format';
import { isSoft } from '../items';
import { useResource } from '../resource';
import type { State } from '../state';
import { filterFor, timeFields } from '../state';
import type { EventsRequest, Row, Sort } from '../types';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Failure, Outdated, Waiting } from '../ui/states';
import { vitalColumn } from '../ui/vitalColumn';
import { Empty } from './empty';

const PAGE = 50;
/** The most that the collector gives at once. */
const MOST = 1000;
const NEWEST: Sort = { key: 'ts', order: 'descending' };
const COLUMNS = [
  'id', 'ts', 'page.path', 'geo.country.iso_code', 'browser.name', 'device.type', 'user_agent.is_bot',
  'lcp.value', 'inp.value', 'cls.value', 'navigation.type',
];

export function PageViewsView() {
  const { api, cache, state, dataset, tick, go } = useApp();
  const [limit, setLimit] = useState(PAGE);
  const sort = state.sort ?? NEWEST;
  const request: EventsRequest = {
    dataset,
    ...timeFields(state.time),
    filters: [{ column: 'kind', op: '=', value: 'page_view' }, ...state.filters],
    columns: COLUMNS,
    orders: [{ column: sort.key, order: sort.order }],
    limit,
  };
  const { cohort } = state;
  const load = async (signal: AbortSignal) => {
    const whole = cohort && (await api.query(cohortRequest(request, cohort), signal));
    return api.events(whole ? withinCohort(request, cohort, whole) : request, signal);
  };
  const { data, error, stale, loading, retry } = useResource(JSON.stringify([request, cohort]), tick, load, cache, true);
  const question = JSON.stringify({ ...request, limit: 0 });
  useEffect(() => setLimit(PAGE), [question]);
  const events = data?.events;
  return (
    <main id="main" tabIndex={-1} aria-busy={stale}>
      <header class="view-head">
        <div>
          <h1>Page views</h1>
          <p class="view-note">Open one to see where its time went; click a fact to filter by it.</p>
        </div>
      </header>
      {error && events && <Outdated error={error} onRetry={retry} />}
      {error && !events ? (
        <Failure error={error} onRetry={retry} />
      ) : !events ? (
        <div class="panel panel-list"><Waiting label="Loading the page views" /></div>
      ) : events.length === 0 ? (
        <Empty />
      ) : (
        <figure class="panel panel-list" data-panel="page-views" data-stale={stale}>
          <DataTable
            name="Page views"
            columns={toColumns(state)}
            rows={events}
            rowKey={(row) => String(row.id)}
            sort={sort}
            onSort={(chosen) => go({ ...state, sort: chosen })}
            onRow={(row) => go(pageViewState(state, row))}
          />
          <More shown={events.length} limited={data.meta.limited} loading={loading} onMore={() => setLimit(Math.min(MOST, limit * 2))} />
        </figure>
      )}
    </main>
  );
}

function More({ shown, limited, loading, onMore }: { shown: number; limited: boolean; loading: boolean; onMore: () => void }) {
  if (!limited) return <p class="list-end">{formatCount(shown)} {shown === 1 ? 'page view' : 'page views'}, all that match.</p>;
  if (shown >= MOST) return <p class="list-end">The first {formatCount(MOST)}. Add a filter or choose a shorter time to see others.</p>;
  return <button type="button" class="more" disabled={loading} onClick={onMore}>Load more</button>;
}

function pageViewState(state: State, row: Row): State {
  return { ...state, view: 'page-view', id: String(row.id) };
}

function toColumns(state: State): Column<Row>[] {
  return [
    { key: 'ts', title: 'Time', render: (row) => <TimeCell state={state} row={row} /> },
    { key: 'page.path', title: 'Page', main: true, render: (row) => <FactCell name="page.path" row={row} /> },
    { key: 'geo.country.iso_code', title: 'Country', render: (row) => <FactCell name="geo.country.iso_code" row={row} /> },
    { key: 'browser.name', title: 'Browser', render: (row) => <FactCell name="browser.name" row={row} /> },
    { key: 'device.type', title: 'Device', render: (row) => <FactCell name="device.type" row={row} /> },
    vitalColumn('lcp'),
    vitalColumn('inp'),
    vitalColumn('cls'),
  ];
}

function TimeCell({ state, row }: { state: State; row: Row }) {
  return (
    <span class="time-cell">
      <Link to={pageViewState(state, row)}>{formatSecond(Date.parse(String(row.ts)))}</Link>
      {row['user_agent.is_bot'] === true && <span class="robot" title="A robot"><Icon name="robot" /><span class="spoken">robot</span></span>}
      {isSoft(row) && <span class="soft" title="A soft navigation: the page stayed, so its times are of another kind.">soft</span>}
    </span>
  );
}

function FactCell({ name, row }: { name: string; row: Row }) {
  const { addFilter, fields } = useApp();
  const value = row[name];
  if (value === null || value === undefined) return <span class="unrated">–</span>;
  const text = formatField(value, fields.get(name) ?? { type: '', unit: '' });
  return (
    <button type="button" class="quiet cell" title={`Show only ${name} = ${quoted(text)}`} onClick={() => addFilter(filterFor(name, value))}>
      {text}
    </button>
  );
}
