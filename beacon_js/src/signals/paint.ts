import {getNavigationEntry} from '../lib/getNavigationEntry.js';
import {getVisibilityStates} from '../lib/getVisibilityStates.js';
import type {Groups} from '../types.js';

/**
 * Returns First Paint by the rules that web-vitals has for First Contentful Paint: counted from the activation of a
 * prerendered page, and absent where the page was hidden before, because hidden pages don't paint. Chromium only.
 */
export const readPaint = (): Groups => {
  const paint = performance.getEntriesByName('first-paint', 'paint')[0];
  const activated = getNavigationEntry()?.activationStart ?? 0;
  const wasHidden = getVisibilityStates().some(
    ({name, startTime}) => name === 'hidden' && startTime >= activated && startTime <= paint?.startTime,
  );
  return paint && !wasHidden ? {fp: {value: Math.max(0, paint.startTime - activated)}} : {};
};
