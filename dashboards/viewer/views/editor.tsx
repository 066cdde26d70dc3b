/** An own dashboard while it is changed: panels are moved, resized, renamed and removed, then all of it is saved at once. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { ApiError } from '../apiError';
import { useApp } from '../context';
import { applyParameters } from '../definition';
import { keepDraft, readDraft } from '../drafts';
import type { Draft } from '../editing';
import { isChanged, toDraft, withDraft } from '../editing';
import { formatMoment, harmless } from '../format';
import { exploreFrom } from '../state';
import type { Definition, PanelOptions } from '../types';
import { Labelled } from '../ui/labelled';
import { Link } from '../ui/link';
import { EditGrid } from './editGrid';

interface Props {
  whole: Definition;
  /** Draws a panel; the parameters are filled in. */
  draw: (panel: PanelOptions) => ComponentChildren;
  onDone: () => void;
}

/** Why a dashboard was not saved. */
type Problem = { message: string } | { theirs: Definition; by: string; at: number };

export function Editor({ whole, draw, onDone }: Props) {
  const { api, state, go, dashboardsChanged } = useApp();
  const [start] = useState(() => readDraft(whole.id) ?? { version: whole.version!, draft: toDraft(whole) });
  const [draft, setDraft] = useState(start.draft);
  const [past, setPast] = useState<Draft[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saved, setSaved] = useState(Infinity);
  const changed = isChanged(whole, draft);
  const definition = withDraft(whole, draft);
  const panels = applyParameters(definition, state.parameters).panels;

  const show = (next: Draft) => {
    setDraft(next);
    keepDraft(whole.id, isChanged(whole, next) ? { version: start.version, draft: next } : null);
  };
  const change = (next: Draft) => {
    setPast([...past, draft]);
    show(next);
  };
  const undo = () => {
    show(past.at(-1)!);
    setPast(past.slice(0, -1));
  };
  const leave = () => {
    keepDraft(whole.id, null);
    onDone();
  };
  // The page stays as it is until the saved dashboard is there.
  useEffect(() => {
    if (whole.version! >= saved) onDone();
  }, [whole.version, saved]);
  const save = async (version: number) => {
    try {
      const kept = await api.changeDashboard(definition, version);
      keepDraft(whole.id, null);
      setSaved(kept.version!);
      dashboardsChanged();
    } catch (error) {
      setProblem(error instanceof ApiError && error.status === 412 ? await whatIsThere() : { message: (error as Error).message });
    }
  };
  const whatIsThere = async (): Promise<Problem> => {
    try {
      const [theirs, entries] = await Promise.all([api.dashboard(whole.id), api.dashboards()]);
      const entry = entries.find(({ id }) => id === whole.id);
      return { theirs, by: entry?.changed_by ?? 'Somebody', at: entry?.changed_at ?? Date.now() / 1000 };
    } catch (error) {
      return { message: (error as Error).message };
    }
  };
  const keepApart = async () => {
    try {
      const made = await api.addDashboard({ ...definition, title: `${draft.title} (mine)` });
      keepDraft(whole.id, null);
      dashboardsChanged();
      go({ ...state, view: made.id });
    } catch (error) {
      setProblem({ message: (error as Error).message });
    }
  };
  const showTheirs = () => {
    dashboardsChanged();
    leave();
  };
  return (
    <>
      <section class="edit-bar panel" aria-label="Edit the dashboard">
        <div class="edit-texts">
          <Labelled label="Title">
            {(id) => <input id={id} maxlength={100} value={draft.title} onChange={(event) => change({ ...draft, title: event.currentTarget.value })} />}
          </Labelled>
          <Labelled label="The question that it answers">
            {(id) => <input id={id} maxlength={300} value={draft.description} onChange={(event) => change({ ...draft, description: event.currentTarget.value })} />}
          </Labelled>
        </div>
        <p class="edit-actions">
          <Link class="button" to={exploreFrom(state)}>Add a panel from Explore</Link>
          <button type="button" disabled={past.length === 0} onClick={undo}>Undo</button>
          <button type="button" onClick={leave}>{changed ? 'Drop the changes' : 'Done'}</button>
          <button type="button" class="primary" disabled={!changed || !draft.title || saved < Infinity} onClick={() => save(start.version)}>Save</button>
        </p>
        {problem && ('theirs' in problem ? (
          <div class="outdated" role="alert">
            <p>
              Not saved: <bdi>{harmless(problem.by)}</bdi> saved another version of this dashboard at {formatMoment(problem.at * 1000)}, after you had opened it.
            </p>
            <button type="button" onClick={() => save(problem.theirs.version!)}>Replace it with mine</button>
            <button type="button" onClick={keepApart}>Keep mine beside it</button>
            <button type="button" onClick={showTheirs}>Drop mine and show theirs</button>
          </div>
        ) : (
          <div class="outdated" role="alert">
            <p>Not saved: {harmless(problem.message)}</p>
            <button type="button" onClick={keepApart}>Keep it as a new dashboard</button>
          </div>
        ))}
        <p class="form-note">Drag a panel to its place, and its right edge to its width; or use the arrow keys on either. A row that is not full is stretched when you are done.</p>
      </section>
      <EditGrid draft={draft} panels={panels} draw={draw} onChange={change} />
    </>
  );
}
