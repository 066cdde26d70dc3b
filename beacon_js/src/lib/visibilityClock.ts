import {getVisibilityStates} from './getVisibilityStates.js';

/** Counts how long a page has been visible. */
export interface VisibilityClock {
  /** Notes that the page is visible or not from a moment on. */
  set(visible: boolean, at: number): void;
  /** Starts again at 0, for a new view of the same document. */
  restart(at: number): void;
  /** Returns the time that was visible until now. */
  read(now: number): number;
}

/** Returns a clock. Where the browser tells what happened before this script came, it counts that too. */
export const startVisibilityClock = (): VisibilityClock => {
  let total = 0;
  // When the page became visible, while it is.
  let since: number | undefined;

  const read = (now: number) => total + now - (since ?? now);
  const set = (visible: boolean, at: number) => {
    total = read(at);
    since = visible ? at : undefined;
  };

  const states = getVisibilityStates();
  for (const {name, startTime} of states) set(name === 'visible', startTime);
  // Other browsers only tell the present: take it for the whole past.
  if (!states.length) set(document.visibilityState === 'visible', 0);

  return {
    set,
    read,
    restart(at) {
      total = 0;
      if (since !== undefined) since = at;
    },
  };
};
