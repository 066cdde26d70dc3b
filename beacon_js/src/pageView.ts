import {toWire} from './lib/toWire.js';
import {uuid} from './lib/uuid.js';
import {readPage} from './signals/page.js';
import type {Config, Groups, PageView} from './types.js';

/** Opens a view that began at `start` on the clock of `performance.now()`. */
export const openPageView = (config: Config, start = 0): PageView => ({
  id: uuid(),
  start,
  revision: 0,
  page: readPage(config, start > 0),
  vitals: {},
});

/**
 * Returns a beacon's body for the view's current state, or `undefined` if nothing has changed since the last one. The body
 * carries the whole row again with the next revision, so a beacon that gets lost costs nothing but freshness.
 *
 * @param measured What is compared with the last time.
 * @param passing What changes all the time (ages) or says nothing about the page (what triggered the snapshot).
 */
export const takeSnapshot = (view: PageView, measured: Groups[], passing: Groups): string | undefined => {
  const fields = Object.assign({}, ...measured.map(toWire));
  const sent = JSON.stringify(fields);
  if (sent === view.sent) return undefined;
  view.sent = sent;
  const event = {
    id: view.id,
    kind: 'page_view',
    time: Math.round(performance.timeOrigin + view.start),
    revision: view.revision++,
    sample_rate: 1,
    ...fields,
    ...toWire(passing),
  };
  return JSON.stringify({v: 1, sent_at: Date.now(), events: [event]});
};
