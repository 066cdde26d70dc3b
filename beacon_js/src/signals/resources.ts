import {byDuration} from '../lib/byDuration.js';
import {toColumns} from '../lib/toColumns.js';
import {options} from '../options.js';
import {read} from '../rows.js';
import type {Groups, PageView} from '../types.js';

/** With what TypeScript's library does not know yet. */
type Entry = PerformanceResourceTiming & {renderBlockingStatus?: string; deliveryType?: string};

/** What is told of a resource: a row of `resources.*`. */
export type Resource = ReturnType<typeof describeResource>;

const MAX_TYPES = 20;
const MAX_HOSTS = 30;
// The browser keeps 250 entries, unless it is asked for more; a very large buffer is slow.
// https://github.com/w3c/resource-timing/issues/304
const USUAL_BUFFER = 250;
const LARGE_BUFFER = 1000;

/**
 * Returns what is told of a resource; `start` is the view's. A host that doesn't allow timing hides everything but start and
 * duration. https://www.w3.org/TR/resource-timing/#sec-cross-origin-resources
 */
export const describeResource = (entry: Entry, start: number) => ({
  host: entry.name.split('/')[2],
  // Not by `new URL`, which takes its time, and these are many.
  path: entry.name.replace(/^\w+:\/\/[^/]*|[?#].*/g, ''),
  initiator: entry.initiatorType || 'other',
  start: entry.startTime - start,
  duration: entry.duration,
  ttfb: entry.responseStart ? entry.responseStart - entry.startTime : null,
  transfer_size: entry.responseStart ? entry.transferSize : null,
  status: entry.responseStatus || null,
  protocol: entry.nextHopProtocol,
  cached: entry.deliveryType === 'cache' || (!entry.transferSize && entry.decodedBodySize > 0),
  // Firefox doesn't tell whether the page could not be painted before, and a list of booleans takes no null.
  ...(entry.renderBlockingStatus && {blocking: entry.renderBlockingStatus === 'blocking'}),
});

/** Returns sums over resources; null where none tells its own, as in browsers that don't tell what blocks and what fails. */
const sum = (resources: Resource[]) => {
  const add = (tell: (resource: Resource) => number | boolean | null | undefined) => {
    let total = resources.length ? null : 0;
    for (const resource of resources) {
      const value = tell(resource);
      // Null adds up like 0.
      if (value != null) total = total! + +value;
    }
    return total;
  };
  return {
    count: resources.length,
    duration: add(({duration}) => duration)!,
    transfer_size: add(({transfer_size}) => transfer_size),
    cached_count: add(({cached}) => cached),
    blocking_count: add(({blocking}) => blocking),
    failed_count: add(({status}) => status && status > 399),
  };
};

/** Returns sums by host or initiator as parallel lists, those with most time first. */
const sumBy = (resources: Resource[], column: 'host' | 'initiator', length: number) => {
  const groups: Record<string, Resource[]> = {};
  for (const resource of resources) (groups[resource[column]] ??= []).push(resource);
  const sums = Object.keys(groups).map((name) => ({name, ...sum(groups[name])}));
  return toColumns(sums.sort(byDuration).slice(0, length));
};

/** Returns totals over resources. `host` is the page's own. */
export const summarizeResources = (resources: Resource[], host: string): Groups => {
  const others = resources.filter((resource) => resource.host !== host);
  const {count, transfer_size} = sum(others);
  const slowest = [...resources].sort(byDuration)[0];
  return {
    resource: {
      ...(sum(resources) as object),
      third_party_count: count,
      third_party_transfer_size: transfer_size ?? undefined,
      slowest_duration: slowest?.duration,
      slowest_host: slowest?.host,
    },
    resource_types: sumBy(resources, 'initiator', MAX_TYPES),
    resource_hosts: sumBy(others, 'host', MAX_HOSTS),
  };
};

let detail = (_resources: Resource[], _groups: Groups): void => {};

/** Has more told about what a view has loaded. */
export const detailResources = (detailer: typeof detail): void => {
  detail = detailer;
};

/** Tells totals of what the page loads, and has the browser keep more entries before they overflow. */
export const startResources = (): void => {
  const getEntries = () => performance.getEntriesByType('resource') as Entry[];
  let fills = 0;
  const extend = () => {
    fills++;
    performance.setResourceTimingBufferSize(LARGE_BUFFER);
  };
  // The browser drops what does not fit, and says so only to those who listen at that moment.
  if (getEntries().length === USUAL_BUFFER) {
    fills++;
    extend();
  }
  // Not before it is full, which might cut a buffer that the page has made larger.
  performance.addEventListener('resourcetimingbufferfull', extend);
  read(({start, end = Infinity}: PageView) => {
    // Not the beacons, or each would be a change that is worth one, nor what extensions load.
    const resources = getEntries()
      .filter(({startTime, name}) => startTime >= start && startTime < end && name !== options.endpoint && /^http/.test(name))
      .map((entry) => describeResource(entry, start));
    const groups = summarizeResources(resources, location.host);
    groups.resource!.buffer_overflow = fills > 1 || undefined;
    detail(resources, groups);
    return groups;
  });
};
