import {stripUrl} from '../lib/stripUrl.js';
import {toColumns} from '../lib/toColumns.js';
import {read} from '../rows.js';
import {getHost, getResources, getSize, isBlocking, isCached} from '../signals/resources.js';
import type {Groups, Part} from '../types.js';

const MAX_RESOURCES = 100;

/** Returns the resources as parallel lists in the order of their start: all, or those that block or last longest. */
export const toWaterfall = (entries: ReturnType<typeof getResources>, start: number): Groups => {
  const important = [...entries]
    .sort((a, b) => +isBlocking(b) - +isBlocking(a) || b.duration - a.duration)
    .slice(0, MAX_RESOURCES)
    .sort((a, b) => a.startTime - b.startTime);
  return {
    resources: toColumns(
      important.map((entry) => ({
        host: getHost(entry.name),
        path: stripUrl(entry.name).replace(/^.*?\/\/[^/]*/, ''),
        initiator: entry.initiatorType || 'other',
        start: entry.startTime - start,
        duration: entry.duration,
        ttfb: entry.responseStart ? entry.responseStart - entry.startTime : null,
        transfer_size: getSize(entry),
        status: entry.responseStatus || null,
        protocol: entry.nextHopProtocol,
        blocking: isBlocking(entry),
        cached: isCached(entry),
      })),
    ),
    resource: {dropped_count: entries.length - important.length || undefined},
  };
};

/** Tells up to 100 resources of the view one by one. */
export const waterfall = (): Part => () => read((view) => toWaterfall(getResources(view), view.start));
