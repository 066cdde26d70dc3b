import {getActivationStart} from './getNavigationEntry.js';
import {getVisibilityStates} from './getVisibilityStates.js';
import {isHidden} from './isHidden.js';

// When the page was first hidden, on the clock of `performance.now()`. Paints after that say when somebody came back, not how
// fast the page was. The rules are web-vitals' (lib/getVisibilityWatcher.ts).
let time: number | undefined;

const now = (): number => (isHidden() && !document.prerendering ? 0 : Infinity);

/** Returns when the page was first hidden; `Infinity` if it never was. Ask no earlier than a prerendered page is activated. */
export const getFirstHidden = (): number =>
  (time ??= getVisibilityStates().find((entry) => entry.name === 'hidden' && entry.startTime >= getActivationStart())?.startTime ?? now());

/** Notes that the page was hidden. */
export const noteHidden = (at: number): void => {
  time = Math.min(getFirstHidden(), at);
};

/** Starts again for a new view of the document. */
export const resetFirstHidden = (): void => {
  time = now();
};
