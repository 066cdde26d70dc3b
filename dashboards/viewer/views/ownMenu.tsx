/** What can be done with a dashboard as a whole: taken along as JSON, and, of one's own, deleted. */

import { useState } from 'preact/hooks';

import { toDocument } from '../api';
import type { App } from '../context';
import { useApp } from '../context';
import { harmless } from '../format';
import { mayEdit } from '../own';
import type { Definition } from '../types';
import { Icon } from '../ui/icons';
import { lazy } from '../ui/lazy';
import { Popover } from '../ui/popover';
import { Waiting } from '../ui/states';

const ShareForm = lazy(() => import('./share').then((module) => module.ShareForm));

/** True of a dashboard that somebody has made, for who may change it. */
export function mayChange({ me, dataset, dashboards }: App, { id, dataset: own }: Definition): boolean {
  return dashboards.some((one) => one.id === id && one.origin === 'own') && mayEdit(me.user, own ?? dataset);
}

export function OwnMenu({ definition }: { definition: Definition }) {
  const app = useApp();
  const { api, state, go, me, dataset, dashboardsChanged } = app;
  const [problem, setProblem] = useState('');
  const [deleting, setDeleting] = useState(false);
  const save = async () => {
    const { saveFile } = await import('../panels/export');
    saveFile(`${definition.id}.json`, new Blob([JSON.stringify(toDocument(definition), null, 2)], { type: 'application/json' }));
  };
  const attempt = async (action: () => Promise<string>) => {
    try {
      const view = await action();
      dashboardsChanged();
      go({ ...state, view });
    } catch (error) {
      setProblem(error instanceof SyntaxError ? 'The file is not JSON.' : (error as Error).message);
    }
  };
  const copy = () => attempt(async () => (await api.addDashboard({ ...definition, title: `${definition.title} (mine)` })).id);
  const remove = () => attempt(() => api.deleteDashboard(definition.id).then(() => 'overview'));
  const read = (file: File) => attempt(async () => (await api.addDashboard(JSON.parse(await file.text()) as Definition)).id);
  return (
    <div class="panel-menu">
      <Popover class="icon-button" align="end" name="Do more with this dashboard" label={<Icon name="more" />}>
        {(close) => (
          <ul class="menu">
            <li><button type="button" class="menu-item" onClick={() => { close(); save(); }}>Save as JSON</button></li>
            {mayEdit(me.user, dataset) && <li><button type="button" class="menu-item" onClick={copy}>Make a copy to edit</button></li>}
            {mayEdit(me.user, dataset) && (
              <li>
                <label class="menu-item">
                  Make one of a JSON file
                  <input class="spoken" type="file" accept="application/json,.json" onChange={(event) => event.currentTarget.files?.[0] && read(event.currentTarget.files[0])} />
                </label>
              </li>
            )}
            {mayChange(app, definition) && (
              <li>
                <button type="button" class="menu-item" onClick={deleting ? remove : () => setDeleting(true)}>
                  {deleting ? 'Delete it and the links to it, for good' : 'Delete the dashboard'}
                </button>
              </li>
            )}
            {problem && <li class="menu-problem" role="alert">{harmless(problem)}</li>}
          </ul>
        )}
      </Popover>
    </div>
  );
}

/** Links to the dashboard, for who may make them. */
export function ShareMenu({ definition }: { definition: Definition }) {
  const { me, dataset } = useApp();
  if (!mayEdit(me.user, definition.dataset ?? dataset)) return null;
  return <Popover align="end" label="Share">{() => <ShareForm definition={definition} fallback={<Waiting />} />}</Popover>;
}
