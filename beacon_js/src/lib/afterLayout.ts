import {guard} from './guard.js';

/** Calls back after the next frame, when the layout is known: asking for it at another time would make the browser compute it. */
export const afterLayout = (callback: () => void): void => {
  requestAnimationFrame(() => setTimeout(guard(callback)));
};
