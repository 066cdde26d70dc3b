import {getNavigationEntry} from '../lib/getNavigationEntry.js';
import {pick} from '../lib/pick.js';
import type {Groups, NavigationEntry} from '../types.js';

const FACTS = 'redirectCount nextHopProtocol contentEncoding deliveryType';
const SIZES = 'transferSize encodedBodySize decodedBodySize';
const MARKS =
  'unloadEventStart unloadEventEnd redirectStart redirectEnd workerStart fetchStart domainLookupStart domainLookupEnd ' +
  'connectStart secureConnectionStart connectEnd requestStart firstInterimResponseStart finalResponseHeadersStart ' +
  'responseStart responseEnd domInteractive domContentLoadedEventStart domContentLoadedEventEnd domComplete ' +
  'loadEventStart loadEventEnd activationStart duration';

/**
 * Says whether a mark of 0 is a time and not "did not happen".
 *
 * The fetch may begin in the very moment that the navigation does. Then the marks that the specification sets to its start,
 * where a connection is reused or a cache answers, are 0 too. A redirect that began at 0 shows by its end.
 */
const isTrueZero = (mark: string, entry: NavigationEntry): boolean =>
  mark === 'redirectStart' ? entry.redirectEnd > 0 : !entry.fetchStart && /^(fetch|domainL|connect|request)/.test(mark);

/** Returns how the page came about, in the words of web-vitals. */
const getNavigationType = (entry: NavigationEntry): string =>
  entry.activationStart ? 'prerender' : document.wasDiscarded ? 'restore' : entry.type.replace('_', '-');

/** Returns the phases of the navigation as far as they have come at `now`. */
export const readNavigation = (entry = getNavigationEntry(), now = performance.now()): Groups =>
  entry
    ? {
        navigation: {
          type: getNavigationType(entry),
          ...pick(entry, FACTS),
          // 0 where the browser doesn't tell.
          response_status: entry.responseStatus || undefined,
          confidence: entry.confidence?.value,
          // Some browsers have given marks from the future. https://github.com/GoogleChrome/web-vitals/issues/275
          ...pick(entry, MARKS, (value, mark) => (value ? value <= now : isTrueZero(mark, entry))),
          // Until the last byte is here they are 0 or half; after that 0 is a fact: an empty page, or one from a cache.
          ...pick(entry, SIZES, () => entry.responseEnd),
        },
      }
    : {};
