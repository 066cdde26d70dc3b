/** Shares a dashboard by a link: makes one, shows its address once, lists those there are and takes them back. */

import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { describeFilter } from '../definition';
import { formatMoment, formatRange, harmless } from '../format';
import { useResource } from '../resource';
import { timeSpan } from '../state';
import type { Definition, Share } from '../types';
import { Labelled } from '../ui/labelled';
import { Failure, Waiting } from '../ui/states';

const DAYS = [1, 7, 30, 90];
const USUAL_DAYS = 7;

export function ShareForm({ definition }: { definition: Definition }) {
  const { api } = useApp();
  const [changes, setChanges] = useState(0);
  const shares = useResource(`shares ${definition.id}`, changes, (signal) => api.shares(definition.id, signal));
  if (shares.error) return <Failure error={shares.error} onRetry={shares.retry} />;
  if (!shares.data) return <Waiting />;
  const changed = () => setChanges(changes + 1);
  return (
    <>
      <NewShare definition={definition} maxDays={shares.data.max_days} onDone={changed} />
      <ul class="share-links">
        {shares.data.shares.map((share) => <Kept key={share.id} definition={definition} share={share} onDone={changed} />)}
      </ul>
    </>
  );
}

function NewShare({ definition, maxDays, onDone }: { definition: Definition; maxDays: number; onDone: () => void }) {
  const { api, state, dataset: chosen } = useApp();
  const [days, setDays] = useState(Math.min(USUAL_DAYS, maxDays));
  const [isFixed, setFixed] = useState(false);
  const [note, setNote] = useState('');
  const [url, setUrl] = useState('');
  const [problem, setProblem] = useState('');
  const dataset = definition.dataset ?? chosen;
  // A dashboard about a dataset of its own is not filtered by the reader.
  const filters = definition.dataset ? [] : state.filters;
  const end = 'preset' in state.time ? Math.ceil(Date.now() / 1000) : state.time.end;
  const time = { start_time: Math.floor(end - timeSpan(state.time)), end_time: Math.ceil(end) };
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const expires = Math.floor(Date.now() / 1000) + days * 86_400;
      const made = await api.share(definition.id, { dataset, filters, expires_at: expires, ...(note && { note }), ...(isFixed && time) });
      setUrl(made.url);
      setProblem('');
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <form class="form" aria-label="Share by a link" onSubmit={submit}>
      <Labelled label="Ends in">
        {(id) => (
          <select id={id} value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {[...new Set([...DAYS, maxDays])].filter((one) => one <= maxDays).sort((a, b) => a - b)
              .map((one) => <option key={one} value={one}>{one === 1 ? '1 day' : `${one} days`}</option>)}
          </select>
        )}
      </Labelled>
      <Labelled label="Time">
        {(id) => (
          <select id={id} value={isFixed ? 'fixed' : ''} onChange={(event) => setFixed(event.currentTarget.value !== '')}>
            <option value="">Chosen by who looks</option>
            <option value="fixed">Only {formatRange(time.start_time * 1000, time.end_time * 1000)}</option>
          </select>
        )}
      </Labelled>
      <Labelled label="For whom, so that you can tell links apart">
        {(id) => <input id={id} maxlength={200} value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
      </Labelled>
      <p class="form-note" role="status">
        {harmless(problem) || `Whoever has the link sees this dashboard as it is now, of ${[dataset, ...filters.map(describeFilter)].join(', ')}, without signing in.`}
      </p>
      <button type="submit" class="primary">Make a link</button>
      {url && (
        <Labelled label="The link; it is shown only now">
          {(id) => <input id={id} readOnly value={url} onFocus={(event) => event.currentTarget.select()} />}
        </Labelled>
      )}
    </form>
  );
}

function Kept({ definition, share, onDone }: { definition: Definition; share: Share; onDone: () => void }) {
  const { api } = useApp();
  const [problem, setProblem] = useState('');
  const name = share.note || `by ${share.created_by}`;
  const ended = share.expires_at * 1000 <= Date.now();
  const remove = () => api.unshare(definition.id, share.id).then(onDone, (error: Error) => setProblem(error.message));
  return (
    <li>
      <span><bdi>{harmless(name)}</bdi><small>{ended ? 'ended' : 'until'} {formatMoment(share.expires_at * 1000)}</small></span>
      <button type="button" class="quiet" onClick={remove}>Take back<span class="spoken"> the link {harmless(name)}</span></button>
      {problem && <p class="menu-problem" role="alert">{harmless(problem)}</p>}
    </li>
  );
}
