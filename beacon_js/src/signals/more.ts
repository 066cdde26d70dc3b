import {TRIMMED} from '../rows.js';
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

/** What the small script leaves out: what the server says, totals of long frames and resources, the page's own marks, scrolling. */
export const MORE_SIGNALS: readonly Part[] = [trimMore, startServerTiming, startLongFrames, startResources, startUserTiming, startScroll];
