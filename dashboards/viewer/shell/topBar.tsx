/** The top bar: brand, dataset, time, live and refresh, and who is signed in. */

import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { harmless } from '../format';
import { DEFAULT_STATE, WITHOUT_TIME, fixedTime, formatState } from '../state';
import { Icon } from '../ui/icons';
import { Link } from '../ui/link';
import { Account } from './account';
import { TimePicker } from './timePicker';

export function TopBar() {
  const { api, me, dataset, state, go } = useApp();
  return (
    <header class="top-bar">
      <Link class="brand" to={{ ...DEFAULT_STATE, dataset: state.dataset }}><Icon name="logo" />Wideload</Link>
      <label class="dataset">
        <span class="spoken">Dataset</span>
        <select
          value={dataset}
          onChange={(event) => go({ ...DEFAULT_STATE, view: listView(state.view), time: state.time, dataset: event.currentTarget.value })}
        >
          {me.datasets.map((name) => <option key={name} value={name}>{name}</option>)}
          {!me.datasets.includes(dataset) && <option value={dataset}>{harmless(dataset)}</option>}
        </select>
      </label>
      {!WITHOUT_TIME.has(state.view) && <TimePicker />}
      {state.view !== 'page-view' && <Freshness />}
      <Account api={api} user={me.user} dataset={dataset} />
    </header>
  );
}

/** A link to what is shown now: who opens it tomorrow sees the same time and not tomorrow's. */
function CopyLink() {
  const { state } = useApp();
  const [copied, setCopied] = useState(false);
  if (!('clipboard' in navigator)) return null;
  const copy = async () => {
    const { start, end } = fixedTime(state.time, Date.now() / 1000);
    await navigator.clipboard.writeText(location.origin + location.pathname + formatState({ ...state, time: { start, end }, live: false }));
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  const label = copied ? 'Copied' : 'Copy a link to this, with the time as it is now';
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={copy}>
      <Icon name={copied ? 'check' : 'link'} />
    </button>
  );
}

/** One page view, or one incident, belongs to one dataset, so another dataset shows the list. */
function listView(view: string): string {
  if (view === 'incident') return 'alerts';
  return view === 'page-view' ? 'page-views' : view;
}

/** Live, a link to what is shown, and refresh. */
export function Freshness() {
  const { state, go, refresh, readOnly } = useApp();
  const fixed = !('preset' in state.time);
  return (
    <div class="freshness">
      <button
        type="button"
        class="live"
        aria-pressed={state.live}
        disabled={fixed}
        title={fixed ? 'A fixed time does not change' : 'Ask again every few seconds'}
        onClick={() => go({ ...state, live: !state.live })}
      >
        <span class="pulse" aria-hidden="true" />
        Live
      </button>
      {!readOnly && <CopyLink />}
      <button type="button" class="icon-button" aria-label="Refresh" title="Refresh" onClick={refresh}><Icon name="refresh" /></button>
    </div>
  );
}
