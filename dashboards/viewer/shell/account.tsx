/** Who is signed in, what they may do, and the way out. */

import { useEffect, useRef, useState } from 'preact/hooks';

import type { Api } from '../api';
import type { User } from '../types';
import { Icon } from '../ui/icons';
import { Labelled } from '../ui/labelled';
import { Popover } from '../ui/popover';

interface Props {
  api: Api;
  user: User;
  dataset: string;
}

export function Account({ api, user, dataset }: Props) {
  return (
    <Popover class="account" align="end" name={`Account of ${user.name}`} label={<><Icon name="person" /><bdi>{user.name}</bdi></>}>
      {(close) => <AccountPanel api={api} user={user} dataset={dataset} onDone={close} />}
    </Popover>
  );
}

export function AccountPanel({ api, user, dataset, onDone }: Props & { onDone: () => void }) {
  const [changing, setChanging] = useState(false);
  if (changing) return <PasswordForm api={api} onDone={onDone} />;
  return (
    <div class="form account-panel">
      <p><strong><bdi>{user.name}</bdi></strong><br />{describeRole(user, dataset)}</p>
      <p><a href="/api">HTTP API</a></p>
      <button type="button" onClick={() => api.logout()}>Sign out</button>
      <button type="button" class="quiet" onClick={() => api.logout(true)}>Sign out of all browsers</button>
      {user.kind === 'user' && <button type="button" class="quiet" onClick={() => setChanging(true)}>Change the password</button>}
    </div>
  );
}

function PasswordForm({ api, onDone }: { api: Api; onDone: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [problem, setProblem] = useState('All other browsers are signed out.');
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await api.changePassword(current, next);
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <form ref={form} class="form" aria-label="Password" onSubmit={submit}>
      <Labelled label="Present password">
        {(id) => <PasswordInput id={id} autocomplete="current-password" value={current} onChange={setCurrent} />}
      </Labelled>
      <Labelled label="New password, 12 characters or more">
        {(id) => <PasswordInput id={id} autocomplete="new-password" value={next} onChange={setNext} />}
      </Labelled>
      <p class="form-note" role="status">{problem}</p>
      <button type="submit" class="primary" disabled={!current || next.length < 12}>Change the password</button>
    </form>
  );
}

interface PasswordInputProps {
  id: string;
  autocomplete: string;
  value: string;
  onChange: (value: string) => void;
}

function PasswordInput({ onChange, ...more }: PasswordInputProps) {
  return <input type="password" required maxlength={256} onInput={(event) => onChange(event.currentTarget.value)} {...more} />;
}

/** The roles that count where the reader is. */
export function describeRole({ roles }: User, dataset: string): string {
  const order = ['viewer', 'editor', 'admin'];
  const [everywhere, here] = [roles['*'], roles[dataset]];
  if (everywhere && order.indexOf(everywhere) >= order.indexOf(here ?? '')) return `${everywhere} of all datasets`;
  return here ? `${here} of ${dataset}` : 'no role yet';
}
