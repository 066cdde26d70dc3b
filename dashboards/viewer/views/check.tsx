/** One check: uptime, how long it takes and where, its steps, and its runs. */

import { useMemo } from 'preact/hooks';

import { checkDefinition, formatUptime, statusOf } from '../checks';
import { AppProvider, useApp } from '../context';
import { formatCount, formatDuration, formatSecond, harmless } from '../format';
import { Frame } from '../panels/frame';
import { useResource } from '../resource';
import type { State } from '../state';
import { timeFields } from '../state';
import type { Check, Row } from '../types';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Failure, Waiting } from '../ui/states';
import { Stored } from '../ui/stored';
import { PicturesWaiting, Status, UptimeBars } from './checkParts';
import { PanelRows } from './dashboard';

const POINTS = 48;
const RUNS = 50;

export function CheckView() {
  const app = useApp();
  const { api, cache, state, dataset, tick } = app;
  const time = timeFields(state.time);
  const checks = useResource(`checks ${dataset} ${POINTS} ${JSON.stringify(time)}`, tick, (signal) => api.checks(dataset, time, POINTS, signal), cache);
  const check = checks.data?.checks.find(({ name }) => name === state.id);
  return (
    <main id="main" tabIndex={-1} aria-busy={checks.stale || (!checks.data && !checks.error)}>
      <p class="back"><Link to={{ ...state, view: 'checks', id: '' }}><Icon name="back" />Checks</Link></p>
      {checks.error && !checks.data ? (
        <Failure error={checks.error} onRetry={checks.retry} />
      ) : !checks.data ? (
        <Waiting label="Loading the check" />
      ) : !check ? (
        <Failure error={new Error(`No check ${state.id} ran in this time. Choose a longer one.`)} onRetry={checks.retry} />
      ) : (
        <>
          <header class="view-head">
            <div>
              <h1><Stored text={check.title || check.name} /></h1>
              <p class="view-note">{[check.name, check.kind, check.suite].filter(Boolean).map(harmless).join(' · ')}</p>
            </div>
            <PicturesWaiting check={check.name} />
            <Status status={check.status} />
          </header>
          <section class="panel check-uptime" aria-label="Uptime">
            <dl class="check-numbers">
              <div><dt>Uptime</dt><dd>{formatUptime(check.uptime)}</dd></div>
              <div><dt>Passed</dt><dd>{formatCount(check.counts.pass)}</dd></div>
              <div><dt>Degraded</dt><dd>{formatCount(check.counts.degraded)}</dd></div>
              <div><dt>Failed</dt><dd>{formatCount(check.counts.fail)}</dd></div>
              <div><dt>No data</dt><dd>{formatCount(check.counts.no_data)}</dd></div>
            </dl>
            <UptimeBars check={check} meta={checks.data.meta} />
            <Places check={check} state={state} />
          </section>
          <CheckPanels check={check} />
          <Runs />
        </>
      )}
    </main>
  );
}

function Places({ check, state }: { check: Check; state: State }) {
  return (
    <ul class="check-places">
      {check.locations.map((place) => (
        <li key={`${place.location} ${place.is_regular}`}>
          <Status status={place.status} />
          <Link to={{ ...state, view: 'check-run', id: place.run_id }}>{harmless(place.location || 'here')}</Link>
          {!place.is_regular && <small>by hand</small>}
          {place.message && <small>{harmless(place.message)}</small>}
        </li>
      ))}
    </ul>
  );
}

/** The reader's filters are about page views, so they do not hold here. */
function CheckPanels({ check }: { check: Check }) {
  const app = useApp();
  const definition = useMemo(() => checkDefinition(check.name, check.kind), [check.name, check.kind]);
  const bare = { ...app, state: { ...app.state, filters: [], compare: '' as const, split: false } };
  return <AppProvider value={bare}><PanelRows key={`${check.name} ${check.kind}`} definition={definition} /></AppProvider>;
}

function Runs() {
  const { api, cache, state, go, dataset, tick } = useApp();
  const time = timeFields(state.time);
  const wanted = { name: state.id, limit: RUNS };
  const { data, error, retry } = useResource(
    `runs ${dataset} ${state.id} ${JSON.stringify(time)}`, tick, (signal) => api.checkRuns(dataset, time, wanted, signal), cache,
  );
  return (
    <Frame id="runs" kind="table" title="Runs" aside={data && <p class="readout">{data.next_cursor ? `the latest ${formatCount(data.runs.length)}` : formatCount(data.runs.length)}</p>}>
      {error && !data ? (
        <Failure error={error} onRetry={retry} />
      ) : !data ? (
        <Waiting />
      ) : (
        <DataTable
          name="Runs"
          columns={toColumns(state, data.runs)}
          rows={data.runs}
          rowKey={(row) => String(row.id)}
          onRow={(row) => go({ ...state, view: 'check-run', id: String(row['check.run_id']) })}
        />
      )}
    </Frame>
  );
}

function toColumns(state: State, rows: readonly Row[]): Column<Row>[] {
  const number = (key: string, title: string): Column<Row>[] => rows.some((row) => typeof row[key] === 'number')
    ? [{ key, title, number: true, render: (row) => (typeof row[key] === 'number' ? formatDuration(row[key]) : '–') }] : [];
  return [
    { key: 'ts', title: 'Time', render: (row) => <Link to={{ ...state, view: 'check-run', id: String(row['check.run_id']) }}>{formatSecond(Date.parse(String(row.ts)))}</Link> },
    {
      key: 'status', title: 'Ended',
      render: (row) => <><Status status={statusOf(row['check.status'])} />{row['check.is_flaky'] === true && <small class="soft"> flaky</small>}</>,
    },
    { key: 'message', title: 'Why', main: true, render: (row) => <span class="cell-text" title={String(row['check.message'] ?? '')}>{harmless(String(row['check.message'] ?? ''))}</span> },
    { key: 'location', title: 'Place', render: (row) => <Stored text={String(row['check.location'] ?? '–')} /> },
    { key: 'trigger', title: 'By', render: (row) => <Stored text={String(row['check.trigger'] ?? '–')} /> },
    ...number('check.duration', 'Took'),
    ...number('probe.wait_duration', 'Wait'),
    ...number('lcp.value', 'LCP'),
    ...number('speed_index.value', 'Speed Index'),
  ];
}
