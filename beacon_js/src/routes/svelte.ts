import type {Wideload} from '../types.js';
import {reportRoute} from './reportRoute.js';
import {toTemplate} from './toTemplate.js';

/** What this needs of what SvelteKit tells after a navigation. The id is null where no route matched. */
export interface KitNavigation {
  readonly to: {readonly route: {readonly id: string | null}} | null;
}

/** Returns what SvelteKit's `afterNavigate` takes: a function that reports the route of the address that the page has now. */
export const reportRoutes =
  (wideload?: Wideload) =>
  ({to}: KitNavigation): void => {
    if (to?.route.id) reportRoute(toTemplate(to.route.id), wideload);
  };
