import {toColumns} from '../lib/toColumns.js';
import {detailResources, getHost, getSize, isBlocking, isCached} from '../signals/resources.js';
import type {ResourceEntry} from '../signals/resources.js';
import type {Fields, Part} from '../types.js';

const MAX_RESOURCES = 100;

/** Returns the resources as parallel lists in the order of their start: all, or those that block or last longest, and how many others there are. */
export const toWaterfall = (entries: ResourceEntry[], start: number): {columns: Fields; dropped: number} => {
  const important = [...entries]
    .sort((a, b) => +isBlocking(b) - +isBlocking(a) || b.duration - a.duration)
    .slice(0, MAX_RESOURCES)
    .sort((a, b) => a.startTime - b.startTime);
  return {
    dropped: entries.length - important.length,
    columns: toColumns(
      important.map((entry) => ({
        host: getHost(entry.name),
        // Not by `new URL`, which takes its time, and these are many.
        path: entry.name.replace(/^\w+:\/\/[^/]*|[?#].*/g, ''),
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
  };
};

/** Tells up to 100 resources of the view one by one. */
export const waterfall = (): Part => () => detailResources((entries, view, groups) => {
  const {columns, dropped} = toWaterfall(entries, view.start);
  groups.resources = columns;
  groups.resource!.dropped_count = dropped || undefined;
});
