/** All checks of a dataset: how each is, what it was like in the time shown, and a way to its runs. */

import { useApp } from '../context';
import { formatUptime } from '../checks';
import { formatAgo, formatCount, formatDuration, harmless } from '../format';
import { useResource } from '../resource';
import { timeFields } from '../state';
import type { Check, Checks } from '../types';
import { Link } from '../ui/link';
import { Failure, Notice, Outdated, Waiting } from '../ui/states';
import { PicturesWaiting, Status, UptimeBars } from './checkParts';

const POINTS = 48;

export function ChecksView() {
  const { api, cache, state, dataset, tick } = useApp();
  const time = timeFields(state.time);
  const { data, error, stale, retry } = useResource(
    `checks ${dataset} ${JSON.stringify(time)}`, tick, (signal) => api.checks(dataset, time, POINTS, signal), cache,
  );
  return (
    <main id="main" tabIndex={-1} aria-busy={stale || (!data && !error)}>
      <header class="view-head">
        <div>
          <h1>Checks</h1>
          <p class="view-note">{data ? countThem(data.checks) : 'What looks at the site by itself, and how it was.'}</p>
        </div>
        <PicturesWaiting />
        <Link class="button" to={{ ...state, view: 'synthetic', id: '', sort: null }}>Compare with people</Link>
      </header>
      {error && data && <Outdated error={error} onRetry={retry} />}
      {error && !data ? (
        <Failure error={error} onRetry={retry} />
      ) : !data ? (
        <div class="panel"><Waiting label="Loading the checks" /></div>
      ) : data.checks.length === 0 ? (
        <NoChecks />
      ) : (
        <ul class="check-grid" data-stale={stale}>
          {data.checks.map((check) => <li key={check.name}><Card check={check} meta={data.meta} /></li>)}
        </ul>
      )}
    </main>
  );
}

function countThem(checks: readonly Check[]): string {
  const bad = checks.filter(({ status }) => status === 'fail').length;
  const all = `${formatCount(checks.length)} ${checks.length === 1 ? 'check' : 'checks'}`;
  return bad > 0 ? `${all}, ${formatCount(bad)} of them ${bad === 1 ? 'fails' : 'fail'} now.` : `${all}, none fails now.`;
}

function Card({ check, meta }: { check: Check; meta: Checks['meta'] }) {
  const { state } = useApp();
  const last = check.locations.reduce<Check['locations'][number] | null>((latest, place) => (latest && latest.at > place.at ? latest : place), null);
  const failing = check.locations.find(({ status, message }) => status !== 'pass' && message);
  return (
    <article class="panel check-card">
      <header class="panel-head">
        <h2><Link to={{ ...state, view: 'check', id: check.name }}>{harmless(check.title || check.name)}</Link></h2>
        <Status status={check.status} />
      </header>
      <p class="check-facts">{[check.kind, check.suite, ...check.locations.map(({ location }) => location)].filter(Boolean).map(harmless).join(' · ')}</p>
      <UptimeBars check={check} meta={meta} />
      <dl class="check-numbers">
        <div><dt>Uptime</dt><dd>{formatUptime(check.uptime)}</dd></div>
        <div><dt>Runs</dt><dd>{formatCount(Object.values(check.counts).reduce((sum, count) => sum + count, 0))}</dd></div>
        <div><dt>Last</dt><dd>{last ? formatAgo(Date.parse(last.at), Math.min(Date.now(), meta.end_time * 1000)) : '–'}</dd></div>
        <div><dt>Took</dt><dd>{last?.duration != null ? formatDuration(last.duration) : '–'}</dd></div>
      </dl>
      {failing && <p class="check-message">{harmless(failing.message!)}</p>}
    </article>
  );
}

function NoChecks() {
  return (
    <Notice title="No checks yet">
      <p>A check is a file that says what to look at: a page, a journey through it, an address, a name or a certificate.</p>
      <p>Write one as <code>checks/home.check.yaml</code>, try it with <code>wideload check run checks/home.check.yaml</code>, and the collector runs it by its schedule.</p>
    </Notice>
  );
}
