import type {NavigationEntry} from '../types.js';

/** Returns the navigation's timing entry. Safari before 15 has none. */
export const getNavigationEntry = (): NavigationEntry | undefined =>
  performance.getEntriesByType('navigation')[0] as NavigationEntry | undefined;
