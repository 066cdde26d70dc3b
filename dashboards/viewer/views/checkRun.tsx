/** One run of a check: its attempts, steps with pictures, filmstrip, waterfall, console, and the page views that it caused. */

import { useState } from 'preact/hooks';

import { evidencePath } from '../api';
import { phasesOf, statusOf } from '../checks';
import { useApp } from '../context';
import { formatBytes, formatDuration, formatMoment, formatSecond, harmless } from '../format';
import { splitEvent } from '../items';
import { Frame } from '../panels/frame';
import { useResource } from '../resource';
import type { State } from '../state';
import { timeFields } from '../state';
import type { CheckRun, Evidence, Row, Value, WholeEvent } from '../types';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { Icon } from '../ui/icons';
import { ItemsTable } from '../ui/itemsTable';
import { Link } from '../ui/link';
import { Failure, Waiting } from '../ui/states';
import { Stored } from '../ui/stored';
import { vitalColumn } from '../ui/vitalColumn';
import { PicturesWaiting, Status } from './checkParts';

const LATEST = 100;

export function CheckRunView() {
  const { api, cache, state, dataset } = useApp();
  const { data, error, stale, retry } = useResource(`run ${dataset} ${state.id}`, 0, (signal) => api.checkRun(state.id, dataset, signal), cache);
  const name = text(data?.run['check.name'] as Value);
  return (
    <main id="main" tabIndex={-1} aria-busy={!data && !error}>
      <p class="back"><Link to={name ? { ...state, view: 'check', id: name } : { ...state, view: 'checks', id: '' }}><Icon name="back" />{name ? harmless(name) : 'Checks'}</Link></p>
      {error ? <Failure error={error} onRetry={retry} /> : data && !stale ? <Run key={state.id} found={data} /> : <Waiting label="Loading the run" />}
    </main>
  );
}

function Run({ found }: { found: CheckRun }) {
  const run = splitEvent(found.run).facts;
  const ofSteps = new Set(found.steps.map((step) => step['check.step.screenshot']));
  const shots = found.evidence.filter(({ kind, sha256 }) => ['screenshot', 'difference', 'baseline'].includes(kind) && !ofSteps.has(sha256));
  const frames = found.evidence.filter(({ kind }) => kind === 'frame');
  return (
    <>
      <header class="view-head">
        <div>
          <h1><Stored text={text(run['check.title']) || text(run['check.name'])} /></h1>
          <p class="view-note">{formatMoment(Date.parse(text(run.ts)))}</p>
        </div>
        <PicturesWaiting run={text(run['check.run_id'])} />
        <Status status={statusOf(run['check.status'])} />
      </header>
      <section class="panel facts-panel" aria-label="Facts">
        <dl class="facts">
          {toFacts(run).map(([title, value]) => <div key={title}><dt>{title}</dt><dd><Stored text={value} /></dd></div>)}
        </dl>
        {run['check.message'] && <p class="check-message">{harmless(text(run['check.message']))}</p>}
      </section>
      {found.attempts.length > 1 && <Attempts attempts={found.attempts.map(rowOf)} />}
      {phasesOf(run).length > 0 && <Phases run={run} />}
      {found.steps.length > 0 && <Steps steps={found.steps.map(rowOf)} evidence={found.evidence} />}
      {frames.length > 0 && <Pictures id="filmstrip" title="Filmstrip" pieces={frames} />}
      {shots.length > 0 && <Pictures id="screenshots" title="Screenshots" pieces={shots} />}
      <Lists evidence={found.evidence} />
      <Caused views={found.page_views.map(rowOf)} />
      <Compared found={found} />
      <Files evidence={found.evidence} />
    </>
  );
}

function toFacts(run: Row): [string, string][] {
  const all: [string, string][] = [
    ['Took', duration(run['check.duration'])],
    ['Place', text(run['check.location'])],
    ['By', text(run['check.trigger'])],
    ['Attempt', text(run['check.attempt'])],
    ['Flaky', run['check.is_flaky'] === true ? 'passed after a failure' : ''],
    ['Reason', text(run['check.reason'])],
    ['Failed at', text(run['check.failed_step'])],
    ['Looked at', typeof run['check.assertions'] === 'number' ? `${run['check.assertions']} conditions, ${run['check.failed_assertions'] ?? 0} did not hold` : ''],
    ['Started late by', duration(run['check.delay'])],
    ['Status', text(run['http.response.status_code'])],
    ['Certificate', typeof run['cert.days_left'] === 'number' ? `${Math.floor(run['cert.days_left'])} days left` : ''],
    ['LCP', duration(run['lcp.value'])],
    ['Speed Index', duration(run['speed_index.value'])],
    ['Blocking time', duration(run['tbt.value'])],
  ];
  return all.filter(([, value]) => value !== '');
}

function Attempts({ attempts }: { attempts: readonly Row[] }) {
  const columns: Column<Row>[] = [
    { key: 'attempt', title: 'Attempt', number: true, render: (row) => text(row['check.attempt']) },
    { key: 'status', title: 'Ended', render: (row) => <Status status={statusOf(row['check.status'])} /> },
    { key: 'message', title: 'Why', main: true, render: (row) => <span class="cell-text">{harmless(text(row['check.message']))}</span> },
    { key: 'duration', title: 'Took', number: true, render: (row) => duration(row['check.duration']) || '–' },
  ];
  return <Frame id="attempts" kind="table" title="Attempts"><DataTable name="Attempts" columns={columns} rows={attempts} rowKey={(row) => text(row.id)} /></Frame>;
}

function Phases({ run }: { run: Row }) {
  const phases = phasesOf(run);
  const total = phases.reduce((sum, { value }) => sum + value, 0);
  return (
    <Frame id="phases" kind="parts" title="Phases" summary={`Phases: ${phases.map(({ title, value }) => `${title} ${formatDuration(value)}`).join(', ')}.`}>
      <p class="parts-total"><strong>{formatDuration(total)}</strong> together</p>
      <div class="part-bar" aria-hidden="true">{phases.map(({ title, value }, index) => value > 0 && <span key={title} data-part={Math.min(index, 4)} style={{ flexGrow: value }} />)}</div>
      <dl class="parts">
        {phases.map(({ title, value }, index) => <div key={title} data-part={Math.min(index, 4)}><dt>{title}</dt><dd>{formatDuration(value)}</dd></div>)}
      </dl>
    </Frame>
  );
}

function Steps({ steps, evidence }: { steps: readonly Row[]; evidence: readonly Evidence[] }) {
  const longest = Math.max(...steps.map((step) => Number(step['check.step.duration'] ?? 0)), 1);
  const kept = new Set(evidence.map(({ sha256 }) => sha256));
  return (
    <Frame id="steps" kind="table" title="Steps">
      <ol class="run-steps">
        {steps.map((step) => {
          const picture = text(step['check.step.screenshot']);
          const took = Number(step['check.step.duration'] ?? 0);
          return (
            <li key={text(step.id)} data-status={text(step['check.step.status'])}>
              <span class="run-step">
                <Status status={statusOf(step['check.step.status'])} />
                {step['check.step.status'] === 'skipped' && <span class="soft run-step-skipped">skipped</span>}
                <span class="run-step-name"><Stored text={text(step['check.step.name'])} /></span>
                <span class="soft">{harmless(text(step['check.step.action']))}{step['check.step.is_healed'] === true && ' · healed'}{Number(step['check.attempt'] ?? 1) > 1 && ` · attempt ${step['check.attempt']}`}</span>
                <span class="cell-bar" aria-hidden="true"><span style={{ width: `${(took / longest) * 100}%` }} /></span>
                <span class="part-total">{step['check.step.status'] === 'skipped' ? '–' : formatDuration(took)}</span>
              </span>
              {picture && kept.has(picture) && <Picture piece={{ kind: 'screenshot', name: text(step['check.step.name']), sha256: picture }} />}
            </li>
          );
        })}
      </ol>
    </Frame>
  );
}

type Shown = Pick<Evidence, 'kind' | 'name' | 'sha256'>;

/** A small picture that opens as a large one. */
function Picture({ piece: { kind, name, sha256 } }: { piece: Shown }) {
  const { dataset } = useApp();
  const path = evidencePath(sha256, dataset);
  return (
    <a class="run-picture" href={path} target="_blank" rel="noopener noreferrer">
      <img src={path} alt={`${kind}: ${harmless(name)}`} loading="lazy" height="120" />
      <span>{harmless(name)}</span>
    </a>
  );
}

function Pictures({ id, title, pieces }: { id: string; title: string; pieces: readonly Evidence[] }) {
  return (
    <Frame id={id} kind="pictures" title={title}>
      <div class="filmstrip" role="region" aria-label={title} tabIndex={0}>{pieces.map((piece) => <Picture key={piece.sha256 + piece.name} piece={piece} />)}</div>
    </Frame>
  );
}

interface Requests { requests: Row[] }
interface Console { lines: Row[] }

/** The requests as a waterfall's table, and what the console said. */
function Lists({ evidence }: { evidence: readonly Evidence[] }) {
  const requests = evidence.find(({ kind }) => kind === 'requests');
  const lines = evidence.find(({ kind }) => kind === 'console');
  return (
    <>
      {requests && <List piece={requests} title={requests.name.startsWith('failed') ? 'Failed requests' : 'Requests'} rowsOf={(found: Requests) => found.requests} />}
      {lines && <List piece={lines} title="Console" rowsOf={(found: Console) => found.lines} />}
    </>
  );
}

const COLUMNS = [
  { key: 'kind', title: 'Kind' }, { key: 'text', title: 'Text', main: true }, { key: 'type', title: 'Type' }, { key: 'url', title: 'Address', main: true },
  { key: 'method', title: 'Method' }, { key: 'status', title: 'Status', unit: '' }, { key: 'start', title: 'Start', unit: 'ms' }, { key: 'wait', title: 'Wait', unit: 'ms' },
  { key: 'duration', title: 'Took', unit: 'ms' }, { key: 'size', title: 'Size', unit: 'bytes' }, { key: 'protocol', title: 'Protocol' }, { key: 'failure', title: 'Failure' },
];

function List<T>({ piece, title, rowsOf }: { piece: Evidence; title: string; rowsOf: (found: T) => Row[] }) {
  const { api, cache, dataset } = useApp();
  const { data, error, retry } = useResource(`evidence ${dataset} ${piece.sha256}`, 0, (signal) => api.evidence<T>(piece.sha256, dataset, signal), cache);
  const rows = data ? rowsOf(data).map((row, index): Row => ({ ...row, index })) : [];
  const columns = COLUMNS.filter(({ key }) => rows.some((row) => row[key] !== undefined && row[key] !== null && row[key] !== ''));
  return (
    <Frame id={piece.kind} kind="table" title={title}>
      {error ? <Failure error={error} onRetry={retry} /> : !data ? <Waiting /> : (
        <>
          {title === 'Requests' && <Waterfall rows={rows} />}
          <ItemsTable name={title} columns={columns} rows={rows} shown={20} />
        </>
      )}
    </Frame>
  );
}

/** Each request as a bar on one axis of time; the paler part is the wait for the first byte. */
function Waterfall({ rows }: { rows: readonly Row[] }) {
  const shown = rows.filter(({ start, duration: took }) => typeof start === 'number' && typeof took === 'number').slice(0, 60);
  const end = Math.max(1, ...shown.map(({ start, duration: took }) => Number(start) + Number(took)));
  if (shown.length === 0) return null;
  const share = (value: Value) => `${(Number(value ?? 0) / end) * 100}%`;
  return (
    <div class="run-waterfall" aria-hidden="true">
      {shown.map((row) => (
        <div key={String(row.index)}>
          <span class="run-address">{harmless(text(row.url).replace(/^https?:\/\//, ''))}</span>
          <span class="run-track"><span style={{ marginLeft: share(row.start), width: share(row.duration) }} data-kind={text(row.type)}><i style={{ width: `${(Number(row.wait ?? 0) / Math.max(Number(row.duration), 0.1)) * 100}%` }} /></span></span>
          <span class="part-total">{formatDuration(Number(row.duration))}</span>
        </div>
      ))}
    </div>
  );
}

function Caused({ views }: { views: readonly Row[] }) {
  const { state, go } = useApp();
  const open = (row: Row): State => ({ ...state, view: 'page-view', id: text(row.id) });
  const columns: Column<Row>[] = [
    { key: 'ts', title: 'Time', render: (row) => <Link to={open(row)}>{formatSecond(Date.parse(text(row.ts)))}</Link> },
    { key: 'path', title: 'Page', main: true, render: (row) => <Stored text={text(row['page.path']) || '(unknown)'} /> },
    vitalColumn('lcp'), vitalColumn('inp'), vitalColumn('cls'), vitalColumn('ttfb'),
  ];
  return (
    <Frame id="page-views" kind="table" title="Page views that it caused" note={views.length > 0 ? 'Reported by the page itself, through the same beacon as those of people.' : undefined}>
      {views.length > 0 ? <DataTable name="Page views" columns={columns} rows={views} rowKey={(row) => text(row.id)} onRow={(row) => go(open(row))} /> : <p class="panel-empty">None was reported under this run.</p>}
    </Frame>
  );
}

/** Another run of the check beside this one: by default the last one before it that passed. */
function Compared({ found }: { found: CheckRun }) {
  const { api, cache, state, dataset } = useApp();
  const run = splitEvent(found.run).facts;
  const name = text(run['check.name']);
  const [chosen, setChosen] = useState('');
  const time = timeFields(state.time);
  const runs = useResource(`runs ${dataset} ${name} ${LATEST} ${JSON.stringify(time)}`, 0, (signal) => api.checkRuns(dataset, time, { name, limit: LATEST }, signal), cache);
  const others = (runs.data?.runs ?? []).filter((one) => one['check.run_id'] !== run['check.run_id']);
  const before = others.filter((one) => text(one.ts) < text(run.ts));
  const usual = before.find((one) => one['check.status'] === 'pass') ?? before[0] ?? others[0];
  const id = chosen || text(usual?.['check.run_id']);
  const other = useResource(id ? `run ${dataset} ${id}` : '', 0, (signal) => api.checkRun(id, dataset, signal), cache);
  if (others.length === 0) return null;
  return (
    <Frame id="compare" kind="table" title="Compare with another run">
      <p class="run-choice">
        <select aria-label="Run to compare with" value={id} onChange={(event) => setChosen(event.currentTarget.value)}>
          {others.map((one) => <option key={text(one.id)} value={text(one['check.run_id'])}>{`${formatSecond(Date.parse(text(one.ts)))}, ${text(one['check.status']).replace('_', ' ')}, ${text(one['check.location'])}`}</option>)}
        </select>
        {id && <Link to={{ ...state, id }}>Open it</Link>}
      </p>
      {other.error ? <Failure error={other.error} onRetry={other.retry} /> : !other.data || other.stale ? <Waiting /> : <Comparison one={found} other={other.data} />}
    </Frame>
  );
}

interface Difference { title: string; one: string; other: string; change: string }

function Comparison({ one, other }: { one: CheckRun; other: CheckRun }) {
  const columns: Column<Difference>[] = [
    { key: 'title', title: 'What', main: true, render: ({ title }) => <Stored text={title} /> },
    { key: 'one', title: 'This run', number: true, render: (row) => harmless(row.one) || '–' },
    { key: 'other', title: 'The other', number: true, render: (row) => harmless(row.other) || '–' },
    { key: 'change', title: 'Difference', number: true, render: (row) => row.change || '–' },
  ];
  return <DataTable name="Differences" columns={columns} rows={compareRuns(one, other)} rowKey={({ title }) => title} />;
}

/** What two runs of one check can be compared by: how they ended, what they measured, and each of their steps. */
export function compareRuns(one: CheckRun, other: CheckRun): Difference[] {
  const [a, b] = [rowOf(one.run), rowOf(other.run)];
  const timed = (title: string, x: Value, y: Value): Difference[] => {
    if (typeof x !== 'number' && typeof y !== 'number') return [];
    const both = typeof x === 'number' && typeof y === 'number';
    const gap = both ? x - y : 0;
    return [{ title, one: duration(x), other: duration(y), change: both ? `${gap > 0 ? '+' : ''}${formatDuration(gap)}` : '' }];
  };
  const stepsOf = (run: CheckRun) => new Map(run.steps.map(rowOf).map((step) => [`${text(step['check.step.index'])} ${text(step['check.step.name'])}`, step]));
  const [mine, theirs] = [stepsOf(one), stepsOf(other)];
  const keys = [...new Set([...mine.keys(), ...theirs.keys()])].sort((x, y) => Number(x.split(' ')[0]) - Number(y.split(' ')[0]));
  return [
    { title: 'Ended', one: text(a['check.status']), other: text(b['check.status']), change: a['check.status'] === b['check.status'] ? '' : 'differs' },
    { title: 'Place', one: text(a['check.location']), other: text(b['check.location']), change: a['check.location'] === b['check.location'] ? '' : 'differs' },
    ...timed('Duration', a['check.duration'], b['check.duration']),
    ...['dns', 'connect', 'tls', 'wait', 'receive'].flatMap((phase) => timed(`Phase ${phase}`, a[`probe.${phase}_duration`], b[`probe.${phase}_duration`])),
    ...timed('LCP', a['lcp.value'], b['lcp.value']),
    ...timed('Speed Index', a['speed_index.value'], b['speed_index.value']),
    ...timed('Blocking time', a['tbt.value'], b['tbt.value']),
    ...keys.flatMap((key) => {
      const [x, y] = [mine.get(key), theirs.get(key)];
      const title = `Step ${key.slice(key.indexOf(' ') + 1)}`;
      const [found] = timed(title, tookOf(x), tookOf(y));
      const [was, is] = [text(y?.['check.step.status']), text(x?.['check.step.status'])];
      return [{ title, one: [is === 'pass' ? '' : is, found?.one ?? ''].filter(Boolean).join(', '), other: [was === 'pass' ? '' : was, found?.other ?? ''].filter(Boolean).join(', '), change: found?.change ?? '' }];
    }),
  ];
}

/** What a step took; nothing, where it was skipped. */
function tookOf(step: Row | undefined): Value {
  return step?.['check.step.status'] === 'skipped' ? null : step?.['check.step.duration'] ?? null;
}

/** What is left to take along: page texts, traces and such. A browser gets none of it as a page. */
function Files({ evidence }: { evidence: readonly Evidence[] }) {
  const { dataset } = useApp();
  const files = evidence.filter(({ kind }) => kind !== 'frame' && kind !== 'screenshot');
  if (files.length === 0) return null;
  return (
    <Frame id="files" kind="table" title="Evidence">
      <ul class="run-files">
        {files.map(({ kind, name, sha256, size }) => (
          <li key={sha256 + name}><a href={evidencePath(sha256, dataset)} target="_blank" rel="noopener noreferrer">{harmless(name)}</a> <small>{harmless(kind)}, {formatBytes(size)}</small></li>
        ))}
      </ul>
    </Frame>
  );
}

function rowOf(event: WholeEvent): Row {
  return splitEvent(event).facts;
}

function text(value: Value): string {
  return value === null || value === undefined ? '' : String(value);
}

function duration(value: Value): string {
  return typeof value === 'number' ? formatDuration(value) : '';
}
