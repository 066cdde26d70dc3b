import {getFirstHidden} from '../lib/firstHidden.js';
import {guard} from '../lib/guard.js';
import {getLoadState} from '../lib/getLoadState.js';
import {getResponseStart, sinceActivation} from '../lib/getNavigationEntry.js';
import {on} from '../timeline.js';
import type {SoftNavigationEntry} from '../types.js';
import {getView, onOpen} from '../views.js';

let isPainted = false;

/** Says whether the document was seen to paint content, in this view or one before. */
export const hasPainted = (): boolean => isPainted;

/**
 * Tells First Paint and First Contentful Paint by web-vitals' rules: counted from the activation of a prerendered page, and
 * absent where the page was hidden before, because hidden pages don't paint.
 */
export const startPaint = (): void => {
  on('paint', (entry: PerformanceEntry) => {
    if (entry.startTime >= getFirstHidden()) return;
    const {fields} = getView();
    const value = sinceActivation(entry.startTime);
    if (entry.name === 'first-paint') {
      fields.fp = {value};
      return;
    }
    isPainted = true;
    const firstByte = sinceActivation(getResponseStart());
    fields.fcp = {
      value,
      load_state: getLoadState(entry.startTime),
      ...(getResponseStart() && {time_to_first_byte: firstByte, time_since_first_byte: value - firstByte}),
    };
  });
  on('soft-navigation', (entry: SoftNavigationEntry) => {
    isPainted = true;
    const painted = entry.presentationTime || entry.paintTime || 0;
    getView().fields.fcp = {value: Math.max(0, painted - entry.startTime), load_state: 'complete'};
  });
  // Nothing tells of the paint after a return from the back/forward cache, which paints all of the page at once.
  onOpen((view) => {
    if (view.type !== 'back-forward-cache') return;
    const note = guard(() => {
      isPainted = true;
      const value = performance.now() - view.start;
      view.fields.fcp = {value, load_state: getLoadState(view.start)};
      view.fields.lcp = {value};
    });
    requestAnimationFrame(() => requestAnimationFrame(note));
  });
};
