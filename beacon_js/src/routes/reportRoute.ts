import type {Wideload} from '../types.js';

/** Returns the page's `wideload`; before it has arrived, what the inline stub is: a function that keeps calls for it. */
const findWideload = (): Wideload => {
  const keep: Window['wideload'] = (...call: unknown[]) => void (keep!.q ??= []).push(call);
  return (window.wideload ??= keep);
};

/** Tells the beacon the template of the address that the page has now. On the server it does nothing. */
export const reportRoute = (template: string, wideload?: Wideload): void => {
  if (typeof window !== 'undefined') (wideload ?? findWideload())('route', template);
};
