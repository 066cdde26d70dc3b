import {toColumns} from '../lib/toColumns.js';
import {options} from '../options.js';
import {read} from '../rows.js';
import type {Groups, PageView} from '../types.js';

/** With what TypeScript's library does not know yet. */
export type ResourceEntry = PerformanceResourceTiming & {renderBlockingStatus?: string; deliveryType?: string};

type Entry = ResourceEntry;
type Detailer = (entries: Entry[], view: PageView, groups: Groups) => void;

const MAX_TYPES = 20;
const MAX_HOSTS = 30;
// The browser keeps 250 entries, unless it is asked for more; a very large buffer is slow.
// https://github.com/w3c/resource-timing/issues/304
const USUAL_BUFFER = 250;
const LARGE_BUFFER = 1000;

const detailers: Detailer[] = [];

/** Has more told about what a view has loaded. */
export const detailResources = (detailer: Detailer): void => void detailers.push(detailer);

/** Returns what a view has loaded: not the beacons, or each would be a change that is worth one, nor what extensions load. */
const getResources = (view: PageView): Entry[] =>
  (performance.getEntriesByType('resource') as Entry[]).filter(
    ({startTime, name}) =>
      startTime >= view.start && startTime < (view.end ?? Infinity) && name !== options.endpoint && /^http/.test(name),
  );

/** Returns the host of an address. */
export const getHost = (url: string): string => url.split('/')[2];

/**
 * Returns a resource's size. A host that doesn't allow timing hides everything but start and duration, and then 0 is no size.
 * https://www.w3.org/TR/resource-timing/#sec-cross-origin-resources
 */
export const getSize = (entry: Entry): number | null => (entry.responseStart || entry.transferSize ? entry.transferSize : null);

/** Says whether a resource came from the browser's cache. */
export const isCached = (entry: Entry): boolean =>
  entry.deliveryType === 'cache' || (!entry.transferSize && entry.decodedBodySize > 0);

/** Says whether the page could not be painted before a resource had come. Chromium and Safari. */
export const isBlocking = (entry: Entry): boolean => entry.renderBlockingStatus === 'blocking';

/** Returns sums over resources; the size is null where none tells its own. */
const sum = (entries: Entry[]) => {
  const total = {
    count: entries.length,
    duration: 0,
    transfer_size: (entries.length ? null : 0) as number | null,
    cached_count: 0,
    blocking_count: 0,
    failed_count: 0,
  };
  for (const entry of entries) {
    const size = getSize(entry);
    total.duration += entry.duration;
    if (size !== null) total.transfer_size = total.transfer_size! + size;
    total.cached_count += +isCached(entry);
    total.blocking_count += +isBlocking(entry);
    total.failed_count += +(entry.responseStatus > 399);
  }
  return total;
};

/** Returns sums by a name as parallel lists, those with most time first. */
const sumBy = (entries: Entry[], getName: (entry: Entry) => string, length: number) => {
  const groups: Record<string, Entry[]> = {};
  for (const entry of entries) (groups[getName(entry)] ??= []).push(entry);
  return toColumns(
    Object.keys(groups)
      .map((name) => ({name, ...sum(groups[name])}))
      .sort((a, b) => b.duration - a.duration)
      .slice(0, length),
  );
};

/** Returns totals over resources. `host` is the page's own. */
export const summarizeResources = (entries: Entry[], host: string): Groups => {
  const others = entries.filter((entry) => getHost(entry.name) !== host);
  const {count, transfer_size} = sum(others);
  const [slowest] = [...entries].sort((a, b) => b.duration - a.duration);
  return {
    resource: {
      ...(sum(entries) as object),
      third_party_count: count,
      third_party_transfer_size: transfer_size ?? undefined,
      slowest_duration: slowest?.duration,
      slowest_host: slowest && getHost(slowest.name),
    },
    resource_types: sumBy(entries, (entry) => entry.initiatorType || 'other', MAX_TYPES),
    resource_hosts: sumBy(others, (entry) => getHost(entry.name), MAX_HOSTS),
  };
};

/** Tells totals of what the page loads, and has the browser keep more entries before they overflow. */
export const startResources = (): void => {
  // The browser drops what does not fit, and says so only to those who listen at that moment.
  let hasOverflown = performance.getEntriesByType('resource').length === USUAL_BUFFER;
  let isLarge = false;
  const extend = () => {
    hasOverflown ||= isLarge;
    isLarge = true;
    performance.setResourceTimingBufferSize(LARGE_BUFFER);
  };
  // Not before, which might cut a buffer that the page has made larger.
  if (hasOverflown) extend();
  performance.addEventListener('resourcetimingbufferfull', extend);
  read((view) => {
    const entries = getResources(view);
    const groups = summarizeResources(entries, location.host);
    if (hasOverflown) groups.resource!.buffer_overflow = true;
    for (const detail of detailers) detail(entries, view, groups);
    return groups;
  });
};
