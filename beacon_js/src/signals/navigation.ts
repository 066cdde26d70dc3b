import {getNavigationEntry} from '../lib/getNavigationEntry.js';
import {toFields} from '../lib/toFields.js';
import {read} from '../rows.js';
import type {BlockedFrame, Groups} from '../types.js';

// What other fields tell better, and what is the same for every navigation.
const OTHERS = /^(name|entryType|initiatorType|startTime|navigationId|renderBlockingStatus|type|contentType|serverTiming)$|Source$/;

/** Returns why the page and its frames could not come back from the back/forward cache. */
const getReasons = (frame?: BlockedFrame | null): string[] => [
  ...(frame?.reasons ?? []).map(({reason}) => reason),
  ...(frame?.children ?? []).flatMap(getReasons),
];

/** Returns everything that the browser tells of the navigation, as far as it has come at `now`. */
export const readNavigation = (entry = getNavigationEntry(), now = performance.now()): Groups => {
  if (!entry) return {};
  /**
   * Says whether a number was measured at `now`, or is a 0 that means something.
   *
   * The fetch may begin in the very moment that the navigation does. Then the marks that the specification sets to its start,
   * where a connection is reused or a cache answers, are 0 too. A redirect that began at 0 shows by its end.
   */
  const isMeasured = (name: string, value: number): boolean =>
    /Size$/.test(name)
      ? // Until the last byte is here they are 0 or half; after that 0 is a fact: an empty page, or one from a cache.
        entry.responseEnd > 0
      : value
        ? // Some browsers have given marks from the future. https://github.com/GoogleChrome/web-vitals/issues/275
          value <= now || name === 'responseStatus'
        : name === 'redirectCount' || (name === 'redirectStart' ? entry.redirectEnd > 0 : !entry.fetchStart && /^(fetch|domainL|conn|reque)/.test(name));

  return {
    navigation: {
      ...toFields(entry, (name, value) => !OTHERS.test(name) && (typeof value !== 'number' || isMeasured(name, value))),
      // How the page came about, in the words of web-vitals.
      type: entry.activationStart ? 'prerender' : document.wasDiscarded ? 'restore' : entry.type.replace('_', '-'),
      confidence: entry.confidence?.value,
      not_restored_reasons: [...new Set(getReasons(entry.notRestoredReasons))].sort().join(),
    },
  };
};

/** Tells how a view came about; of a load, in all its phases. */
export const startNavigation = (): void =>
  read((view) => (view.type ? {navigation: {type: view.type}} : readNavigation()));
