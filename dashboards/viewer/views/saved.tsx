/** Questions kept under a name: save the one that is asked, open another, forget one. */

import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { harmless, quoted } from '../format';
import { mayEdit } from '../own';
import { toQuestion, toSaved } from '../question';
import { useResource } from '../resource';
import styles from '../styles/later/saved.css';
import type { SavedQuery } from '../types';
import { adopt } from '../ui/adopt';
import { Icon } from '../ui/icons';
import { Labelled } from '../ui/labelled';
import { Popover } from '../ui/popover';
import { Failure, Waiting } from '../ui/states';

adopt(styles);

export function Saved() {
  return <Popover align="end" label="Saved questions">{(close) => <SavedForm onDone={close} />}</Popover>;
}

function SavedForm({ onDone }: { onDone: () => void }) {
  const { api, me, dataset, state, go } = useApp();
  const [changes, setChanges] = useState(0);
  const { data, error, retry } = useResource(`saved ${dataset}`, changes, (signal) => api.savedQueries(dataset, signal));
  const isEditor = mayEdit(me.user, dataset);
  const open = ({ query, show }: SavedQuery) => {
    onDone();
    go({ ...state, filters: query.filters ?? [], cohort: null, question: toQuestion(query, show) });
  };
  if (!data) return error ? <Failure error={error} onRetry={retry} /> : <Waiting />;
  return (
    <div class="saved">
      {data.length === 0 ? (
        <p class="form-note">No question of this dataset has been saved yet.</p>
      ) : (
        <ul class="menu" aria-label="Saved questions">
          {data.map((one) => <SavedRow key={one.id} saved={one} mayForget={isEditor} onOpen={() => open(one)} onForgotten={() => setChanges(changes + 1)} />)}
        </ul>
      )}
      {isEditor && <SaveForm taken={data.map(({ name }) => name)} onDone={onDone} />}
    </div>
  );
}

interface SavedRowProps {
  saved: SavedQuery;
  mayForget: boolean;
  onOpen: () => void;
  onForgotten: () => void;
}

function SavedRow({ saved: { id, name, named_by }, mayForget, onOpen, onForgotten }: SavedRowProps) {
  const { api } = useApp();
  const [isSure, setSure] = useState(false);
  const [problem, setProblem] = useState('');
  const forget = () => api.forgetQuery(id).then(onForgotten, (error: Error) => setProblem(error.message));
  return (
    <li>
      <div class="saved-row">
        <button type="button" class="menu-item" title={`Saved by ${harmless(named_by)}`} onClick={onOpen}><bdi>{harmless(name)}</bdi></button>
        {mayForget && (isSure ? (
          <button type="button" class="saved-delete" aria-label={`Delete ${quoted(name)} for good`} onClick={forget}>Delete</button>
        ) : (
          <button type="button" class="quiet icon-button" aria-label={`Delete ${quoted(name)}`} onClick={() => setSure(true)}><Icon name="cross" /></button>
        ))}
      </div>
      {problem && <p class="menu-problem" role="alert">{harmless(problem)}</p>}
    </li>
  );
}

function SaveForm({ taken, onDone }: { taken: readonly string[]; onDone: () => void }) {
  const { api, dataset, state } = useApp();
  const [name, setName] = useState('');
  const [problem, setProblem] = useState('');
  const isTaken = taken.includes(name.trim());
  const submit = async (event: Event) => {
    event.preventDefault();
    const { question, filters } = state;
    try {
      await api.saveQuery({ ...toSaved(question), ...(filters.length > 0 && { filters: [...filters] }), dataset }, name.trim(), question.show);
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  if (state.cohort) return <p class="form-note">Take the cohort away to save the question: where it lies differs from time to time.</p>;
  return (
    <form class="form" aria-label="Save the question" onSubmit={submit}>
      <Labelled label="Save this question as">
        {(id) => <input id={id} required maxlength={100} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
      </Labelled>
      <p class="form-note" role="status">{harmless(problem) || (isTaken ? 'It takes the place of the question of this name.' : 'With its filters; the time is the one chosen when it is opened.')}</p>
      <button type="submit" class="primary" disabled={!name.trim()}>{isTaken ? 'Replace' : 'Save'}</button>
    </form>
  );
}
