import type {Fields, Groups} from '../types.js';

/**
 * Returns count and size. A host that doesn't allow timing hides everything but start and duration, and then 0 is no size;
 * where no resource tells its own, the sum is absent. https://www.w3.org/TR/resource-timing/#sec-cross-origin-resources
 */
const sum = (entries: PerformanceResourceTiming[], prefix = ''): Fields => {
  const telling = entries.filter((entry) => entry.responseStart || entry.transferSize);
  return {
    [prefix + 'count']: entries.length,
    [prefix + 'transfer_size']:
      entries.length && !telling.length ? undefined : telling.reduce((size, entry) => size + entry.transferSize, 0),
  };
};

const getHost = (url: string): string => url.split('/')[2];

/** Returns totals over resources. `host` is the page's own. */
export const summarizeResources = (entries: PerformanceResourceTiming[], host: string): Groups => {
  const [slowest] = [...entries].sort((a, b) => b.duration - a.duration);
  return {
    resource: {
      ...sum(entries),
      ...sum(
        entries.filter((entry) => getHost(entry.name) !== host),
        'third_party_',
      ),
      slowest_duration: slowest?.duration,
      slowest_host: slowest && getHost(slowest.name),
    },
  };
};

/** Returns totals over what the page has loaded since `start`. */
export const readResources = (start: number, endpoint: string): Groups => {
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  return summarizeResources(
    // Not the beacons, or each would be a change that is worth a beacon, nor what the visitor's extensions load.
    entries.filter(({startTime, name}) => startTime >= start && name !== endpoint && /^http/.test(name)),
    location.host,
  );
};

/**
 * Makes the browser keep more than the usual 250 entries once they are reached. Asking earlier might cut a buffer that the
 * page has made bigger. https://www.w3.org/TR/resource-timing/#dom-performance-setresourcetimingbuffersize
 */
export const extendResourceBuffer = (): void =>
  performance.addEventListener('resourcetimingbufferfull', () => performance.setResourceTimingBufferSize(1000));
