import {getNavigationEntry} from '../lib/getNavigationEntry.js';
import type {Groups} from '../types.js';

/**
 * Returns Time To First Byte as web-vitals computes it. web-vitals reports it only after the load, with its parts; a page that
 * is left earlier has it too, and slow pages are left early.
 */
export const readTimeToFirstByte = (entry = getNavigationEntry()): Groups =>
  entry?.responseStart ? {ttfb: {value: Math.max(0, entry.responseStart - (entry.activationStart ?? 0))}} : {};
