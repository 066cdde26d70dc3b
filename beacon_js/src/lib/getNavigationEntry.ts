import type {NavigationEntry} from '../types.js';

/** Returns the navigation's timing entry. Safari before 15 has none. */
export const getNavigationEntry = (): NavigationEntry | undefined =>
  performance.getEntriesByType('navigation')[0] as NavigationEntry | undefined;

/** Returns when a prerendered page was activated, 0 for others. */
export const getActivationStart = (): number => getNavigationEntry()?.activationStart ?? 0;

/** Returns a moment on the clock that begins with the navigation, or with the activation of a page that was prerendered. */
export const sinceActivation = (time: number): number => Math.max(0, time - getActivationStart());

/**
 * Returns when the first byte arrived. Some browsers have told 0, for privacy, or a time from the future.
 * https://github.com/GoogleChrome/web-vitals/issues/275
 */
export const getResponseStart = (): number => {
  const start = getNavigationEntry()?.responseStart ?? 0;
  return start < performance.now() ? start : 0;
};
