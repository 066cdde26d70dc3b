import {getMeta} from '../lib/getMeta.js';
import {getNavigationEntry} from '../lib/getNavigationEntry.js';
import {read} from '../rows.js';
import type {Fields, Groups} from '../types.js';

const MAX_ENTRIES = 20;

/** Returns what the server tells about the page: every Server-Timing entry, and the trace that the page belongs to. */
export const readServerTiming = (entries: readonly PerformanceServerTiming[] = [], meta = ''): Groups => {
  const timing: Fields = {};
  let trace = meta;
  for (const {name, duration, description} of entries.slice(0, MAX_ENTRIES)) {
    if (name === 'traceparent') {
      trace = description;
      continue;
    }
    // An entry without a duration says 0; so does one that was too fast to measure, and then it has nothing else to say.
    if (duration || !description) timing[name] = duration;
    timing[name + '.description'] = description;
  }
  // https://www.w3.org/TR/trace-context/#traceparent-header
  const [, trace_id, parent_id] = /^\w\w-(\w{32})-(\w{16})-/.exec(trace) ?? [];
  return {server_timing: timing, trace: {trace_id, parent_id}};
};

/** Tells what the server said about the page. */
export const startServerTiming = (): void =>
  read((view) => (view.type ? {} : readServerTiming(getNavigationEntry()?.serverTiming, getMeta('traceparent'))));
