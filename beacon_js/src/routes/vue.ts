import type {Wideload} from '../types.js';
import {reportRoute} from './reportRoute.js';
import {toTemplate} from './toTemplate.js';

interface VueRoute {
  readonly matched: readonly {readonly path: string}[];
}

/** What this needs of a router of vue-router 4 or 5. */
export interface VueRouter {
  readonly currentRoute: {readonly value: VueRoute};
  afterEach(guard: (to: VueRoute, from: VueRoute, failure?: unknown) => void): () => void;
}

/** Reports the route of every address that a router goes to. Returns a function that stops it. */
export const reportRoutes = (router: VueRouter, wideload?: Wideload): (() => void) => {
  const report = ({matched}: VueRoute): void => {
    // The innermost one, whose path is whole.
    const record = matched[matched.length - 1];
    if (record) reportRoute(toTemplate(record.path), wideload);
  };
  // Nothing has matched yet where the router was made just now.
  report(router.currentRoute.value);
  return router.afterEach((to, _from, failure) => {
    if (!failure) report(to);
  });
};
