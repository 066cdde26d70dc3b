/** The rules, what is known of them, and the incidents, open ones first. */

import type { Alert, Alerts, Incident, Silence } from '../alerting';
import {
  SEVERITY_WORDS, STATUS_WORDS, countStatuses, formatSpan, incidentTitle, severityRating, statusRating,
} from '../alerting';
import { useApp } from '../context';
import { formatAgo, formatMoment, formatSecond, harmless } from '../format';
import { mayEdit } from '../own';
import { Frame } from '../panels/frame';
import { useResource } from '../resource';
import type { State } from '../state';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { Link } from '../ui/link';
import { Shape } from '../ui/rating';
import { Failure, Notice, Outdated, Waiting } from '../ui/states';
import { Stored } from '../ui/stored';
import type { Rating } from '../vitals';

export function AlertsView() {
  const { api, cache, dataset, tick } = useApp();
  const rules = useResource(`alerts ${dataset}`, tick, (signal) => api.alerts(dataset, signal), cache);
  const incidents = useResource(`incidents ${dataset}`, tick, (signal) => api.incidents(dataset, signal), cache);
  const error = rules.error ?? incidents.error;
  const retry = () => {
    rules.retry();
    incidents.retry();
  };
  const isThere = rules.data && incidents.data && !rules.stale && !incidents.stale;
  return (
    <main id="main" tabIndex={-1} aria-busy={!isThere && !error}>
      <header class="view-head">
        <div>
          <h1>Alerts</h1>
          {isThere && rules.data!.on && <p class="view-note">{describe(rules.data!, incidents.data!)}</p>}
        </div>
      </header>
      {error && isThere && <Outdated error={error} onRetry={retry} />}
      {error && !isThere ? <Failure error={error} onRetry={retry} />
        : !isThere ? <div class="panel panel-list"><Waiting label="Loading the rules" /></div>
          : <Found rules={rules.data!} incidents={incidents.data!} onChange={retry} />}
    </main>
  );
}

function describe({ alerts, lag_seconds: lag }: Alerts, incidents: readonly Incident[]): string {
  const open = incidents.filter((one) => one.resolved_at === null).length;
  const rules = alerts.length === 1 ? '1 rule' : `${alerts.length} rules`;
  const late = lag > 300 ? ` Rules are late: one was not looked at for ${formatSpan(lag)}.` : '';
  return `${open === 0 ? 'No incident is open' : open === 1 ? '1 incident is open' : `${open} incidents are open`}; ${rules}.${late}`;
}

function Found({ rules, incidents, onChange }: { rules: Alerts; incidents: readonly Incident[]; onChange: () => void }) {
  const open = incidents.filter((one) => one.resolved_at === null);
  const over = incidents.filter((one) => one.resolved_at !== null);
  if (!rules.on && incidents.length === 0) return <HowTo />;
  return (
    <>
      {rules.problems.length > 0 && (
        <section class="outdated" role="alert">
          <div>{rules.problems.map((problem) => <p key={problem}><Stored text={problem} /></p>)}</div>
        </section>
      )}
      {open.length > 0 && <IncidentTable title="Open incidents" incidents={open} />}
      <RuleTable rules={rules.alerts} />
      {rules.silences.length > 0 && <Silences silences={rules.silences} onChange={onChange} />}
      {over.length > 0 && <IncidentTable title="Earlier incidents" incidents={over} />}
    </>
  );
}

function HowTo() {
  return (
    <Notice title="No rules">
      <p>
        Rules are files that watch checks and any question about real users, and tell people over webhooks, mail or chat. Name their
        folder, and restart:
      </p>
      <div class="snippet"><pre>wideload serve --alerts-dir alerts/</pre></div>
      <p>How to write one stands in <code>docs/alerts.md</code>.</p>
    </Notice>
  );
}

export function incidentState(state: State, incident: Pick<Incident, 'id'>): State {
  return { ...state, view: 'incident', id: incident.id };
}

/** A word with its shape. */
export function Judged({ word, rating }: { word: string; rating: Rating | null }) {
  return rating ? <span class="rated" data-rating={rating}><Shape rating={rating} />{word}</span> : <span class="unrated">{word}</span>;
}

function IncidentTable({ title, incidents }: { title: string; incidents: readonly Incident[] }) {
  const { state, go } = useApp();
  const now = Date.now() / 1000;
  const columns: Column<Incident>[] = [
    { key: 'opened_at', title: 'Opened', render: (one) => <Link to={incidentState(state, one)}>{formatSecond(one.opened_at * 1000)}</Link> },
    { key: 'title', title: 'Incident', main: true, render: (one) => <span class="wrapped"><Stored text={incidentTitle(one)} /></span> },
    { key: 'severity', title: 'Severity', render: (one) => <Judged word={SEVERITY_WORDS[one.severity]} rating={severityRating(one.severity)} /> },
    { key: 'lasts', title: 'Lasts', render: (one) => formatSpan((one.resolved_at ?? now) - one.started_at) },
    { key: 'reason', title: 'Why', render: (one) => <span class="wrapped"><Stored text={one.reason} /></span> },
  ];
  if (incidents.some((one) => one.acknowledged_by)) {
    columns.push({ key: 'by', title: 'Looked after by', render: (one) => <Stored text={one.acknowledged_by} /> });
  }
  return (
    <figure class="panel panel-table panel-words" data-panel={title}>
      <header class="panel-head"><h2>{title}</h2></header>
      <DataTable name={title} columns={columns} rows={incidents} rowKey={(one) => one.id} onRow={(one) => go(incidentState(state, one))} />
    </figure>
  );
}

function RuleTable({ rules }: { rules: readonly Alert[] }) {
  const now = Date.now();
  const columns: Column<Alert>[] = [
    { key: 'title', title: 'Rule', main: true, render: (one) => <span title={harmless(one.rule)}><Stored text={one.title} /></span> },
    { key: 'status', title: 'State', render: (one) => <RuleStatus rule={one} /> },
    { key: 'severity', title: 'Severity', render: (one) => SEVERITY_WORDS[one.severity] },
    { key: 'subjects', title: 'Subjects', render: (one) => countStatuses(one.subjects) || '–' },
    { key: 'known', title: 'What is known', render: (one) => <span class="wrapped"><Stored text={known(one)} /></span> },
    { key: 'channels', title: 'Channels', render: (one) => (one.channels.length > 0 ? one.channels.map(harmless).join(', ') : 'no channel') },
    { key: 'looked_at', title: 'Looked at', render: (one) => (one.looked_at ? formatAgo(one.looked_at * 1000, now) : '–') },
  ];
  if (rules.length === 0) return <Frame id="rules" kind="list" title="Rules"><p class="panel-empty">There is no rule for this dataset.</p></Frame>;
  return (
    <figure class="panel panel-table panel-words" data-panel="rules">
      <header class="panel-head"><h2>Rules</h2></header>
      <DataTable name="Rules" columns={columns} rows={rules} rowKey={(one) => one.rule} />
    </figure>
  );
}

function RuleStatus({ rule }: { rule: Alert }) {
  if (rule.held) return <Judged word="Held" rating="needs-improvement" />;
  if (rule.maintenance) return <Judged word="Maintenance" rating={null} />;
  return <Judged word={STATUS_WORDS[rule.status]} rating={statusRating(rule.status)} />;
}

function known({ held, maintenance, subjects: [worst] }: Alert): string {
  if (held || maintenance) return held || maintenance;
  if (!worst) return 'It was not looked at yet.';
  return worst.subject ? `${worst.subject}: ${worst.reason}` : worst.reason;
}

function Silences({ silences, onChange }: { silences: readonly Silence[]; onChange: () => void }) {
  const { api, me, dataset } = useApp();
  const end = (id: string) => api.endSilence(id).then(onChange, onChange);
  const columns: Column<Silence>[] = [
    { key: 'rule', title: 'Rule', main: true, render: (one) => <Stored text={one.subject ? `${one.rule}: ${one.subject}` : one.rule} /> },
    { key: 'until', title: 'Until', render: (one) => formatMoment(one.until * 1000) },
    { key: 'by', title: 'By', render: (one) => <Stored text={one.created_by} /> },
    { key: 'reason', title: 'Why', render: (one) => <span class="wrapped"><Stored text={one.reason} /></span> },
    { key: 'end', title: 'End', render: (one) => mayEdit(me.user, dataset) && <button type="button" onClick={() => end(one.id)}>End it</button> },
  ];
  return (
    <figure class="panel panel-table panel-words" data-panel="silences">
      <header class="panel-head"><h2>Silent</h2></header>
      <DataTable name="Silent" columns={columns} rows={silences} rowKey={(one) => one.id} />
    </figure>
  );
}
