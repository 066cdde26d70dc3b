/** The rail on the left, a bar at the bottom of a phone: the dashboards and the lists. */

import { useApp } from '../context';
import { harmless } from '../format';
import { Icon } from '../ui/icons';
import { exploreFrom } from '../state';
import { Link } from '../ui/link';

export function Rail() {
  const { me, state, dashboards } = useApp();
  const entries = dashboards.length > 0 ? dashboards : [{ id: 'overview', title: 'Overview' }];
  return (
    <nav class="rail" aria-label="Views">
      <div class="rail-inner">
        <ul>
          {entries.map(({ id, title }) => (
            <li key={id}>
              <Link to={{ ...state, view: id, id: '', sort: null }} current={state.view === id}><Icon name="dashboard" /><span>{harmless(title)}</span></Link>
            </li>
          ))}
          <li>
            <Link to={exploreFrom(state)} current={state.view === 'explore'}><Icon name="explore" />Explore</Link>
          </li>
          <li>
            <Link to={{ ...state, view: 'page-views', id: '' }} current={state.view.startsWith('page-view')}>
              <Icon name="list" />Page views
            </Link>
          </li>
          <li>
            <Link to={{ ...state, view: 'alerts', id: '' }} current={state.view === 'alerts' || state.view === 'incident'}>
              <Icon name="bell" />Alerts
            </Link>
          </li>
          <li>
            <Link to={{ ...state, view: 'checks', id: '', sort: null }} current={state.view.startsWith('check')}><Icon name="pulse" />Checks</Link>
          </li>
        </ul>
        <div class="rail-foot">
          <span class="version">Wideload {me.version}</span>
        </div>
      </div>
    </nav>
  );
}
