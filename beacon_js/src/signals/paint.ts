import {guard} from '../lib/guard.js';
import {getLoadState} from '../lib/getLoadState.js';
import {getResponseStart, sinceActivation} from '../lib/getNavigationEntry.js';
import {on} from '../timeline.js';
import type {Fields, SoftNavigationEntry} from '../types.js';
import {getView, onOpen} from '../views.js';
import {wasHidden} from './visibility.js';

let isPainted = false;

/** Says whether the document was seen to paint content, in this view or one before. */
export const hasPainted = (): boolean => isPainted;

const note = (value: number, time: number, parts?: Fields | 0): void => {
  isPainted = true;
  getView().fields.fcp = {value, load_state: getLoadState(time), ...(parts as Fields)};
};

/**
 * Tells First Paint and First Contentful Paint by web-vitals' rules: counted from the activation of a prerendered page, and
 * absent where the page was hidden before, because hidden pages don't paint.
 */
export const startPaint = (): void => {
  on('paint', ({name, startTime}: PerformanceEntry) => {
    if (wasHidden(startTime)) return;
    const value = sinceActivation(startTime);
    const firstByte = sinceActivation(getResponseStart());
    if (name === 'first-paint') getView().fields.fp = {value};
    else note(value, startTime, getResponseStart() && {time_to_first_byte: firstByte, time_since_first_byte: value - firstByte});
  });
  on('soft-navigation', ({presentationTime, paintTime, startTime}: SoftNavigationEntry) =>
    note(Math.max(0, (presentationTime || paintTime || 0) - startTime), startTime),
  );
  // Nothing tells of the paint after a return from the back/forward cache, which paints all of the page at once.
  onOpen(({type, start, fields}) => {
    const paint = guard(() => {
      const value = performance.now() - start;
      note(value, start);
      fields.lcp = {value};
    });
    if (type === 'back-forward-cache') requestAnimationFrame(() => requestAnimationFrame(paint));
  });
};
