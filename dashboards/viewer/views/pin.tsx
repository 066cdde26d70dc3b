/** Keeps what Explore shows on a dashboard of one's own: a new one, or one that is there. */

import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { harmless } from '../format';
import { mayEdit } from '../own';
import { newDefinition, withQuestion } from '../pinning';
import { columnOf, keyOf } from '../question';
import { Labelled } from '../ui/labelled';
import { Popover } from '../ui/popover';

export function Pin() {
  const { me, dataset } = useApp();
  if (!mayEdit(me.user, dataset)) return null;
  return <Popover align="end" label="Add to a dashboard">{(close) => <PinForm onDone={close} />}</Popover>;
}

function PinForm({ onDone }: { onDone: () => void }) {
  const { api, state, go, fields, dashboards, dashboardsChanged } = useApp();
  const { question, filters, cohort } = state;
  const own = dashboards.filter(({ origin }) => origin === 'own');
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [title, setTitle] = useState(usualTitle());
  const [problem, setProblem] = useState('');

  function usualTitle(): string {
    const [first] = question.calculations;
    if (question.show === 'heatmap' || question.show === 'histogram') return columnOf(question);
    return [first ? keyOf(first) : 'P75(lcp.value)', ...question.breakdowns].join(' by ');
  }
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const asked = { question, filters, cohort, fields, title };
      const there = id ? await api.dashboard(id) : null;
      const kept = there
        ? await api.changeDashboard(withQuestion(there, asked), there.version!)
        : await api.addDashboard(withQuestion(newDefinition(name), asked));
      dashboardsChanged();
      onDone();
      go({ ...state, view: kept.id, filters: [] });
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <form class="form" aria-label="Add to a dashboard" onSubmit={submit}>
      <Labelled label="Dashboard">
        {(field) => (
          <select id={field} value={id} onChange={(event) => setId(event.currentTarget.value)}>
            <option value="">A new one</option>
            {own.map((one) => <option key={one.id} value={one.id}>{harmless(one.title)}</option>)}
          </select>
        )}
      </Labelled>
      {id === '' && (
        <Labelled label="Its title">
          {(field) => <input id={field} required maxlength={100} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
        </Labelled>
      )}
      <Labelled label="Title of the panel">
        {(field) => <input id={field} required maxlength={100} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />}
      </Labelled>
      <p class="form-note" role="status">{harmless(problem) || 'The filters stay with the panel; the time is chosen on the dashboard.'}</p>
      <button type="submit" class="primary" disabled={!title || (id === '' && !name)}>Add</button>
    </form>
  );
}
