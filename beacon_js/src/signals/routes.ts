import {touch} from '../delivery.js';
import {listen} from '../lib/listen.js';
import {on} from '../timeline.js';
import type {SoftNavigationEntry} from '../types.js';
import {getView, openView, renewView} from '../views.js';
import {templates} from './page.js';

/** Opens a view if the address has another path than the one of the open view. */
const follow = (at: number): void => {
  if (location.pathname !== getView().url.pathname) openView('route-change', at);
};

/** Names the route of the address that the page has now. */
export const nameRoute = (template: string): void => {
  templates[location.pathname] = template;
  follow(performance.now());
  touch();
};

/**
 * Notices when an application changes the address, without patching its history.
 *
 * The Navigation API tells of every change at once; such a view has no paints of its own. Where the browser then recognises a
 * soft navigation (somebody interacted, the address changed, something was painted), it becomes one, with its paints.
 */
export const startRoutes = (): void => {
  const onChange = (event: Event & {navigationType?: string}): void => {
    // While the page loads, a replaced address is a correction and no new view.
    if (event.navigationType === 'replace' && document.readyState !== 'complete') getView().url = new URL(location.href);
    else follow(event.timeStamp);
  };
  // Firefox before 147 and Safari before 26.2 have none, and tell only of steps through the history.
  listen('popstate', onChange);
  if (window.navigation) listen('currententrychange', onChange, navigation);

  on('soft-navigation', (entry: SoftNavigationEntry) => {
    const {type, from, url} = getView();
    if (type === 'route-change' && from >= entry.startTime && entry.name === url.href) renewView(entry.startTime);
    else openView('soft-navigation', entry.startTime, entry.name);
    getView().interactionId = entry.interactionId;
  });
};
