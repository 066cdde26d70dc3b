import {getNavigationEntry, getResponseStart, sinceActivation} from '../lib/getNavigationEntry.js';
import {read} from '../rows.js';
import type {Groups} from '../types.js';

/** Returns Time To First Byte with its parts, as web-vitals computes them. */
export const readTimeToFirstByte = (): Groups => {
  const entry = getNavigationEntry();
  if (!entry || !getResponseStart()) return {};
  const [waited, lookup, connect, connected, value] = [
    entry.workerStart || entry.fetchStart,
    entry.domainLookupStart,
    entry.connectStart,
    entry.connectEnd,
    entry.responseStart,
  ].map(sinceActivation);
  return {
    ttfb: {
      value,
      waiting_duration: waited,
      cache_duration: lookup - waited,
      dns_duration: connect - lookup,
      connection_duration: connected - connect,
      request_duration: value - connected,
    },
  };
};

/** Tells Time To First Byte. A view that asked no server for the page has, as for web-vitals, one of 0, and no parts. */
export const startTimeToFirstByte = (): void =>
  read((view) => (!view.type ? readTimeToFirstByte() : view.type === 'route-change' ? {} : {ttfb: {value: 0}}));
