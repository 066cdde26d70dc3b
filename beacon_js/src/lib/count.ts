import {touch} from '../delivery.js';
import {getView} from '../views.js';

/** Adds one to a count of the open view. */
export const count = (group: string, name: string): void => {
  const counts = (getView().fields[group] ??= {}) as Record<string, number>;
  counts[name] = (counts[name] ?? 0) + 1;
  touch();
};
