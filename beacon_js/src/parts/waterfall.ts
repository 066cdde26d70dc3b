import {toColumns} from '../lib/toColumns.js';
import {byDuration} from '../lib/byDuration.js';
import {detailResources} from '../signals/resources.js';
import type {Resource} from '../signals/resources.js';
import type {Groups, Part} from '../types.js';

const MAX_RESOURCES = 100;

/** Adds resources as parallel lists in the order of their start: all, or those that block or last longest, and how many others there are. */
export const addWaterfall = (resources: Resource[], groups: Groups): void => {
  const important = [...resources].sort((a, b) => +!!b.blocking - +!!a.blocking || byDuration(a, b)).slice(0, MAX_RESOURCES);
  groups.resources = toColumns(important.sort((a, b) => a.start - b.start));
  groups.resource!.dropped_count = resources.length - important.length || undefined;
};

/** Tells up to 100 resources of the view one by one. */
export const waterfall = (): Part => () => detailResources(addWaterfall);
