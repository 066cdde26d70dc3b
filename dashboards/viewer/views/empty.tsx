/** What a view says when nothing matches: how to send the first page view, or how to find those that are there. */

import { useEffect, useState } from 'preact/hooks';

import { useApp } from '../context';
import { formatAgo } from '../format';
import { useResource } from '../resource';
import type { State } from '../state';
import { PRESETS } from '../state';
import type { Dataset } from '../types';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Failure, Notice, Waiting } from '../ui/states';

const POLL_MS = 2000;

export function Empty({ hint }: { hint?: string }) {
  const { api, dataset, tick } = useApp();
  const datasets = useResource('datasets', tick, (signal) => api.datasets(signal));
  const entry = datasets.data?.find(({ name }) => name === dataset);
  if (datasets.error) return <Failure error={datasets.error} onRetry={datasets.retry} />;
  if (!datasets.data) return <Waiting />;
  return entry?.last_event_at ? <NothingMatches last={Date.parse(entry.last_event_at)} hint={hint} /> : <FirstSteps entry={entry} />;
}

function NothingMatches({ last, hint }: { last: number; hint: string | undefined }) {
  const { state } = useApp();
  const wider = widerTime(state, last, Date.now());
  return (
    <Notice title="No page views match">
      <p>The newest event of this dataset came {formatAgo(last, Date.now())}. {hint}</p>
      <p class="notice-actions">
        {wider && <Link class="button primary" to={wider.state}>Show {wider.spoken}</Link>}
        {state.view !== 'page-views' && <Link class="button" to={{ ...state, view: 'page-views' }}>Look at the list of page views</Link>}
        {state.filters.length > 0 && <Link class="button" to={{ ...state, filters: [] }}>Remove all filters</Link>}
      </p>
    </Notice>
  );
}

/** The shortest preset that reaches back to the newest event, unless the state's time does so already. */
function widerTime(state: State, last: number, now: number): { state: State; spoken: string } | null {
  const age = (now - last) / 1000;
  if ('preset' in state.time && PRESETS[state.time.preset].seconds > age) return null;
  const name = (Object.keys(PRESETS) as (keyof typeof PRESETS)[]).find((preset) => PRESETS[preset].seconds > age);
  return name ? { state: { ...state, time: { preset: name } }, spoken: PRESETS[name].spoken } : null;
}

/** Shown until the first event is there; looks for it by itself. */
function FirstSteps({ entry }: { entry: Dataset | undefined }) {
  const { me, dataset, poll } = useApp();
  useEffect(() => {
    const timer = setInterval(poll, POLL_MS);
    return () => clearInterval(timer);
  }, []);
  const key = entry?.site_keys[0];
  return (
    <Notice title="No page views yet">
      {key ? (
        <>
          <p>Put this line into the pages that you want to measure, then open one of them and leave it again:</p>
          <Snippet text={`<script async src="${location.origin}/beacon.js" data-key="${key}"></script>`} />
          <p>Content blockers know that name. <code>wideload keys tag</code> prints tags that they do not know.</p>
        </>
      ) : (
        <p>The dataset {dataset} has no site key. Add one to it in the configuration file, then start the collector again.</p>
      )}
      {me.demo && (
        <p class="notice-actions">
          <a class="button primary" href="/demo/" target="_blank" rel="noopener">Open the demo page</a>
          <span>or fill the dataset with a week of made-up traffic: <code>wideload demo</code></span>
        </p>
      )}
      <p class="listening" role="status"><span class="pulse" aria-hidden="true" />Waiting for the first page view of the dataset <strong>{dataset}</strong></p>
    </Notice>
  );
}

function Snippet({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <div class="snippet">
      <pre tabIndex={0} aria-label="Script tag"><code>{text}</code></pre>
      {'clipboard' in navigator && (
        <button type="button" onClick={copy}><Icon name="copy" />{copied ? 'Copied' : 'Copy'}</button>
      )}
    </div>
  );
}
