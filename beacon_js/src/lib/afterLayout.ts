import {guard} from './guard.js';

/**
 * Calls back in the next frame, right after its layout: asking for a size at any other time could make the browser compute it,
 * because the page may have changed something since. An observer of sizes is told at that moment, and first when it begins.
 */
export const afterLayout = (callback: () => void): void =>
  new ResizeObserver((_, observer) => {
    observer.disconnect();
    guard(callback)();
  }).observe(document.documentElement);
