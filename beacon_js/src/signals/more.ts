import {getPrivacy} from '../options.js';
import {TRIMMED, read} from '../rows.js';
import type {Part} from '../types.js';
import {startLongFrames} from './longFrames.js';
import {startResources} from './resources.js';
import {startScroll} from './scroll.js';
import {startServerTiming} from './serverTiming.js';
import {startUserTiming} from './userTiming.js';

/** Says what of all that is the first to go where a body would be too large. */
export const trimMore: Part = () => {
  TRIMMED.splice(0, 1, 'resources', 'resource_hosts', 'loaf_scripts', 'mark', 'measure', 'element');
};

const startedAt = performance.now();

/** Tells when this script ran, how fast the browser believes the device to be, how it is held, and what the visitor asks for. */
const startMoreFacts: Part = () =>
  read(() => ({
    beacon: {started_at: startedAt},
    device: {cpu_performance: navigator.cpuPerformance},
    // Safari before 16.4 tells no orientation.
    screen: {orientation: screen.orientation?.type},
    privacy: getPrivacy(),
  }));

/** What the small script leaves out: what the server says, totals of long frames and resources, the page's own marks, scrolling. */
export const MORE_SIGNALS: readonly Part[] = [
  trimMore,
  startMoreFacts,
  startServerTiming,
  startLongFrames,
  startResources,
  startUserTiming,
  startScroll,
];
