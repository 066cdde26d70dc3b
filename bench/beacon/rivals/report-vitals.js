import {onCLS, onFCP, onINP, onLCP, onTTFB} from 'web-vitals/attribution';

const scalars = (attribution) =>
  Object.fromEntries(Object.entries(attribution).filter(([, value]) => value === null || typeof value !== 'object'));

/**
 * Reports as the README of web-vitals says: what has changed, once the page is hidden.
 * https://github.com/GoogleChrome/web-vitals#batch-multiple-reports-together
 */
export const reportVitals = (options) => {
  const queue = new Map();
  const add = ({id, name, value, delta, rating, navigationType, attribution}) =>
    queue.set(id, {id, n: name, v: value, d: delta, r: rating, t: navigationType, a: scalars(attribution)});
  for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(add, options);
  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && queue.size) {
      navigator.sendBeacon(INGEST + '/vitals', JSON.stringify([...queue.values()]));
      queue.clear();
    }
  });
};
