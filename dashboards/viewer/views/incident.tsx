/** One incident: why, since when, between which runs it broke, what differs, whom it touched, and what was told. */

import { useState } from 'preact/hooks';

import type { AlertMessage, Difference, FoundIncident, Impact, Incident, RunFacts } from '../alerting';
import { SEVERITY_WORDS, describeImpact, formatSide, formatSpan, incidentTitle, severityRating } from '../alerting';
import { useApp } from '../context';
import { formatCount, formatMoment, formatNumber, formatSecond } from '../format';
import { mayEdit } from '../own';
import { Frame } from '../panels/frame';
import { useResource } from '../resource';
import type { State } from '../state';
import type { Filter } from '../types';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { Icon } from '../ui/icons';
import { Labelled } from '../ui/labelled';
import { Link } from '../ui/link';
import { Failure, Waiting } from '../ui/states';
import { Stored, StoredList } from '../ui/stored';
import { Judged } from './alerts';

const SILENCES = [[3600, '1 hour'], [28_800, '8 hours'], [86_400, '1 day'], [604_800, '1 week']] as const;
/** Around an incident, so that a chart shows how it was before. */
const AROUND_SECONDS = 1800;

export function IncidentView() {
  const { api, cache, state, tick } = useApp();
  const { data, error, stale, retry } = useResource(`incident ${state.id}`, tick, (signal) => api.incident(state.id, signal), cache);
  return (
    <main id="main" tabIndex={-1} aria-busy={!data && !error}>
      <p class="back"><Link to={{ ...state, view: 'alerts', id: '' }}><Icon name="back" />Alerts</Link></p>
      {error ? <Failure error={error} onRetry={retry} /> : data && !stale ? <Found found={data} onChange={retry} /> : <Waiting label="Loading the incident" />}
    </main>
  );
}

function Found({ found: { incident, messages }, onChange }: { found: FoundIncident; onChange: () => void }) {
  const { me } = useApp();
  const lasts = (incident.resolved_at ?? Date.now() / 1000) - incident.started_at;
  const isOpen = incident.resolved_at === null;
  return (
    <>
      <header class="view-head">
        <div>
          <h1 class="page-title"><Stored text={incidentTitle(incident)} /></h1>
          <p class="view-note">
            <Judged word={isOpen ? 'Open' : 'Over'} rating={isOpen ? 'poor' : 'good'} />
            {isOpen ? ` for ${formatSpan(lasts)}` : `, after ${formatSpan(lasts)}`}
            {incident.cause === 'no_data' && ' · there is no data'}
          </p>
        </div>
      </header>
      <section class="panel facts-panel" aria-label="Facts">
        <p class="incident-reason"><Stored text={incident.reason} /></p>
        {incident.description && <p class="view-note"><Stored text={incident.description} /></p>}
        {incident.runbook && <p><a href={incident.runbook} target="_blank" rel="noopener noreferrer">Runbook</a></p>}
        <dl class="facts">
          {facts(incident).map(({ title, texts }) => <div key={title}><dt>{title}</dt><dd><StoredList texts={texts} between=", " /></dd></div>)}
          <div><dt>Severity</dt><dd><Judged word={SEVERITY_WORDS[incident.severity]} rating={severityRating(incident.severity)} /></dd></div>
        </dl>
      </section>
      {mayEdit(me.user, incident.dataset) && isOpen && <Actions incident={incident} onChange={onChange} />}
      {incident.kind === 'check' && incident.first_failing && <Broke incident={incident} />}
      {incident.differences.length > 0 && <Differences differences={incident.differences} />}
      {incident.impact && <Visitors incident={incident} impact={incident.impact} />}
      <Messages messages={messages} />
    </>
  );
}

/** What is not known is left out. */
function facts(one: Incident): { title: string; texts: string[] }[] {
  const moment = (seconds: number | null) => (seconds === null ? [] : [formatMoment(seconds * 1000)]);
  return [
    { title: 'Since', texts: moment(one.started_at) },
    { title: 'Noticed', texts: moment(one.opened_at) },
    { title: 'Over', texts: moment(one.resolved_at) },
    { title: 'Value', texts: one.value === null ? [] : [formatNumber(one.value)] },
    { title: 'Rule says', texts: one.threshold ? [one.threshold] : [] },
    { title: 'Samples', texts: one.samples === null ? [] : [formatCount(one.samples)] },
    { title: 'Checks', texts: one.subjects },
    { title: 'Rule', texts: [one.rule] },
    { title: 'Dataset', texts: [one.dataset] },
    { title: 'Ended because', texts: one.resolution ? [one.resolution] : [] },
    { title: 'Looked after by', texts: one.acknowledged_by ? [one.acknowledged_by] : [] },
    { title: 'Note', texts: one.note ? [one.note] : [] },
  ].filter(({ texts }) => texts.length > 0);
}

function Actions({ incident, onChange }: { incident: Incident; onChange: () => void }) {
  const { api } = useApp();
  const [note, setNote] = useState('');
  const [seconds, setSeconds] = useState<number>(SILENCES[0][0]);
  const [said, setSaid] = useState('');
  const act = (deed: Promise<unknown>, done: string) => deed.then(
    () => {
      setSaid(done);
      onChange();
    },
    (error: Error) => setSaid(error.message),
  );
  const silence = () => api.silence({ rule: incident.rule, seconds, ...(incident.subject && { subject: incident.subject }) });
  return (
    <section class="panel facts-panel" aria-label="What you can do">
      <div class="incident-actions">
        <form onSubmit={(event) => { event.preventDefault(); act(api.acknowledge(incident.id, note), 'You look after it: no more reminders.'); }}>
          <Labelled label="Note">
            {(id) => <input id={id} value={note} maxLength={2000} onInput={(event) => setNote(event.currentTarget.value)} />}
          </Labelled>
          <button type="submit">{incident.acknowledged_by ? 'Take over' : 'Acknowledge'}</button>
        </form>
        <form onSubmit={(event) => { event.preventDefault(); act(silence(), 'Nobody is told of it for that time.'); }}>
          <Labelled label="Tell nobody for">
            {(id) => (
              <select id={id} value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
                {SILENCES.map(([value, title]) => <option key={value} value={value}>{title}</option>)}
              </select>
            )}
          </Labelled>
          <button type="submit">Silence</button>
        </form>
      </div>
      <p role="status" class="view-note">{said}</p>
    </section>
  );
}

function Broke({ incident: { first_failing: failing, last_passing: passing } }: { incident: Incident }) {
  return (
    <Frame id="broke" kind="errors" title="Where it broke">
      <div class="incident-runs">
        {passing ? <Run title="The last run that passed" run={passing} rating="good" /> : <p class="panel-empty">No run before it passed that is known.</p>}
        <Run title="The first run that failed" run={failing!} rating="poor" />
      </div>
    </Frame>
  );
}

function Run({ title, run, rating }: { title: string; run: RunFacts; rating: 'good' | 'poor' }) {
  const { state } = useApp();
  return (
    <section aria-label={title}>
      <h3><Judged word={title} rating={rating} /></h3>
      <p>{formatSecond(run.at * 1000)}{run.location && <> · <Stored text={run.location} /></>}</p>
      {run.message && <p class="view-note"><Stored text={run.message} /></p>}
      <p><Link to={{ ...state, view: 'check-run', id: run.run_id }}>Open the run</Link></p>
    </section>
  );
}

function Differences({ differences }: { differences: readonly Difference[] }) {
  const { fields } = useApp();
  const columns: Column<Difference>[] = [
    { key: 'field', title: 'Field', main: true, render: (one) => <code><Stored text={one.field} /></code> },
    { key: 'before', title: 'Passed with', render: (one) => <span class="wrapped"><bdi>{formatSide(one.before, fields.get(one.field))}</bdi></span> },
    { key: 'after', title: 'Failed with', render: (one) => <span class="wrapped"><span aria-hidden="true">→ </span><bdi>{formatSide(one.after, fields.get(one.field))}</bdi></span> },
  ];
  return (
    <figure class="panel panel-table panel-words" data-panel="differences">
      <header class="panel-head"><h2>What differs</h2></header>
      <DataTable name="What differs" columns={columns} rows={differences} rowKey={(one) => one.field} />
    </figure>
  );
}

function Visitors({ incident, impact }: { incident: Incident; impact: Impact }) {
  const { state } = useApp();
  const filters: Filter[] = impact.paths.length > 0 ? [{ column: 'page.path', op: 'in', value: impact.paths }] : [];
  const end = incident.resolved_at ?? Date.now() / 1000;
  return (
    <Frame id="visitors" kind="errors" title="Real visitors meanwhile" note="From when it failed first until it was noticed.">
      <p class="incident-reason">{describeImpact(impact)}</p>
      {impact.paths.length > 0 && <p class="view-note">On <StoredList texts={impact.paths} between=", " /></p>}
      <p><Link to={{ ...eventsState(state, filters, impact.start, end), view: 'page-views' }}>Their page views</Link></p>
    </Frame>
  );
}

function Messages({ messages }: { messages: readonly AlertMessage[] }) {
  const columns: Column<AlertMessage>[] = [
    { key: 'created_at', title: 'When', render: (one) => formatSecond(one.created_at * 1000) },
    { key: 'event', title: 'What', main: true, render: (one) => one.event },
    { key: 'channel', title: 'Over', render: (one) => <Stored text={one.channel} /> },
    { key: 'sent', title: 'Sent', render: (one) => <Sent message={one} /> },
  ];
  if (messages.length === 0) return <Frame id="messages" kind="errors" title="Messages"><p class="panel-empty">Nobody was told.</p></Frame>;
  return (
    <figure class="panel panel-table panel-words" data-panel="messages">
      <header class="panel-head"><h2>Messages</h2></header>
      <DataTable name="Messages" columns={columns} rows={messages} rowKey={(one) => `${one.created_at} ${one.event} ${one.channel}`} />
    </figure>
  );
}

function Sent({ message: { sent_at: sent, tries, error } }: { message: AlertMessage }) {
  if (sent !== null) return <>{formatSecond(sent * 1000)}</>;
  return <span class="wrapped">{error ? <Stored text={`Tried ${formatCount(tries)} times: ${error}`} /> : 'waits'}</span>;
}

function eventsState(state: State, filters: Filter[], start: number, end: number): State {
  return {
    ...state, view: 'explore', id: '', sort: null, filters,
    time: { start: Math.floor(start) - AROUND_SECONDS, end: Math.ceil(end) + AROUND_SECONDS },
  };
}
