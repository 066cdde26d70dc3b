import {getNavigationEntry} from '../lib/getNavigationEntry.js';
import {snakeCase} from '../lib/snakeCase.js';
import {readEarly} from '../rows.js';
import type {BlockedFrame, Fields, Groups, NavigationEntry} from '../types.js';

// What other fields tell better, and what is the same for every navigation.
const OTHERS = /^(name|entryType|initiatorType|startTime|navigationId|renderBlockingStatus|type|contentType)$|Source$/;

/**
 * Says whether a number of the navigation's entry was measured at `now`, or is a 0 that means something.
 *
 * The fetch may begin in the very moment that the navigation does. Then the marks that the specification sets to its start,
 * where a connection is reused or a cache answers, are 0 too. A redirect that began at 0 shows by its end.
 */
const isMeasured = (name: string, value: number, entry: NavigationEntry, now: number): boolean =>
  /Size$/.test(name)
    ? // Until the last byte is here they are 0 or half; after that 0 is a fact: an empty page, or one from a cache.
      entry.responseEnd > 0
    : value
      ? // Some browsers have given marks from the future. https://github.com/GoogleChrome/web-vitals/issues/275
        value <= now || name === 'responseStatus'
      : name === 'redirectCount' || (name === 'redirectStart' ? entry.redirectEnd > 0 : !entry.fetchStart && /^(fetch|domainL|conn|reque)/.test(name));

/** Returns why the page and its frames could not come back from the back/forward cache. */
const getReasons = (frame?: BlockedFrame | null): string[] => [
  ...(frame?.reasons ?? []).map(({reason}) => reason),
  ...(frame?.children ?? []).flatMap(getReasons),
];

/** Returns everything that the browser tells of the navigation, as far as it has come at `now`. */
export const readNavigation = (entry = getNavigationEntry(), now = performance.now()): Groups => {
  const navigation: Fields = {};
  // Its attributes live on the prototypes, and whatever the platform adds comes along.
  for (const name in entry) {
    const value = entry[name as keyof NavigationEntry] as unknown;
    if (!OTHERS.test(name) && (typeof value === 'string' || (typeof value === 'number' && isMeasured(name, value, entry!, now)))) {
      navigation[snakeCase(name)] = value;
    }
  }
  if (entry) {
    // How the page came about, in the words of web-vitals.
    navigation.type = entry.activationStart ? 'prerender' : document.wasDiscarded ? 'restore' : entry.type.replace('_', '-');
    navigation.confidence = entry.confidence?.value;
    navigation.not_restored_reasons = [...new Set(getReasons(entry.notRestoredReasons))].sort().join();
  }
  return {navigation};
};

/** Tells how a view came about; of a load, in all its phases. */
export const startNavigation = (): void =>
  readEarly((view) => (view.type ? {navigation: {type: view.type}} : readNavigation()));
