import {isGranted} from '../consent.js';
import {isPrivate, options} from '../options.js';
import type {WireEvent} from '../types.js';
import {guard} from './guard.js';

/** What the beacon keeps, where the page has allowed it: all of it under one key. */
export interface Kept {
  /** The session: id, when it began, when it was last active (epoch milliseconds), its last view and how many it has had. */
  session?: {id: string; start: number; last: number; view?: string; views: number};
  /** Events that could not be sent. */
  unsent?: WireEvent[];
}

const KEY = 'wideload';

// Merely asking throws where the browser forbids storage.
const getArea = () => (options.storage === 'local' ? localStorage : sessionStorage);

/** Says whether anything may be kept. */
export const isKeeping = (): boolean => !!options.storage && isGranted() && !isPrivate();

/** Returns what is kept. */
export const readKept = (): Kept => (isKeeping() && guard(() => JSON.parse(getArea().getItem(KEY)!) as Kept)()) || {};

/** Changes some of what is kept. */
export const writeKept = guard((changes: Kept) => {
  if (isKeeping()) getArea().setItem(KEY, JSON.stringify({...readKept(), ...changes}));
});

/** Forgets everything. */
export const clearKept = guard(() => {
  if (options.storage) getArea().removeItem(KEY);
});
