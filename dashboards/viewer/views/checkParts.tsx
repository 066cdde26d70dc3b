/** What the views of checks share: a status as shape and word, uptime as bars. */

import { STATUS_WORDS, ratingOf, toSpans } from '../checks';
import type { Span } from '../checks';
import { useApp } from '../context';
import { formatCount, formatMinute } from '../format';
import { countWaiting } from '../pictures';
import { useResource } from '../resource';
import type { Check, CheckStatus, Checks } from '../types';
import styles from '../styles/later/checks.css';
import { adopt } from '../ui/adopt';
import { Link } from '../ui/link';
import { Shape } from '../ui/rating';

adopt(styles);

export function Status({ status }: { status: CheckStatus | null }) {
  const rating = ratingOf(status);
  return (
    <span class="rating check-status" data-rating={rating ?? 'none'}>
      {rating ? <Shape rating={rating} /> : <span class="no-shape" aria-hidden="true">–</span>}
      {status ? STATUS_WORDS[status] : 'never ran'}
    </span>
  );
}

/** Leads to the pictures that await a look: all of them, or those of one check or run. Nothing where there are none. */
export function PicturesWaiting({ check, run }: { check?: string; run?: string }) {
  const { api, cache, state, dataset, tick } = useApp();
  const { data } = useResource(`pictures ${dataset}`, tick, (signal) => api.baselines(dataset, signal), cache);
  const count = data?.baselines.filter((one) => one.pending && (!check || one.check === check) && (!run || one.run_id === run)).length ?? 0;
  if (count === 0) return null;
  return <Link class="button" to={{ ...state, view: 'check-pictures', id: '' }}>{countWaiting(count)}</Link>;
}

/** A bar for each span of time in the colour of the worst that happened in it; a low pale one where nothing ran. */
export function UptimeBars({ check, meta }: { check: Check; meta: Checks['meta'] }) {
  const spans = toSpans(check.bars, meta);
  return (
    <div class="uptime-bars" role="img" aria-label={summarise(spans)}>
      {spans.map((span) => <span key={span.start} data-rating={ratingOf(span.status) ?? (span.status ? 'none' : undefined)} title={describe(span)} />)}
    </div>
  );
}

function describe({ start, bar }: Span): string {
  if (!bar) return `${formatMinute(start)}: no run`;
  const counts = (Object.keys(STATUS_WORDS) as CheckStatus[]).filter((status) => bar[status] > 0).map((status) => `${formatCount(bar[status])} ${STATUS_WORDS[status]}`);
  return `${formatMinute(start)}: ${counts.join(', ')}`;
}

function summarise(spans: readonly Span[]): string {
  const ran = spans.filter(({ bar }) => bar);
  const bad = ran.filter(({ status }) => status !== 'pass');
  if (ran.length === 0) return 'No run in this time.';
  if (bad.length === 0) return `All runs passed, in ${formatCount(ran.length)} spans of time.`;
  return `Of ${formatCount(ran.length)} spans of time, ${formatCount(bad.length)} were not all right: ${bad.slice(-5).map(describe).join('; ')}.`;
}
