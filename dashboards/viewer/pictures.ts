/** Pictures of checks that wait for a decision, and what was decided. Pure. */

import type { Baseline } from './types';

/** How the picture before and the one after are laid beside or over each other. */
export const LAYOUTS = [
  { value: 'side', title: 'Side by side' },
  { value: 'swipe', title: 'Swipe' },
  { value: 'fade', title: 'Fade' },
] as const;

export type Layout = (typeof LAYOUTS)[number]['value'];

/** `2 pictures await a look`. */
export function countWaiting(count: number): string {
  return count === 1 ? '1 picture awaits a look' : `${count} pictures await a look`;
}

/** How much a picture differs, as it is: a difference is never rounded down to none. */
export function formatDifference(percent: number): string {
  return percent > 0 && percent < 0.01 ? 'less than 0.01\u00a0%' : `${Number(percent.toPrecision(3))}\u00a0%`;
}

export interface Decision {
  baseline: Baseline;
  what: string;
  by: string;
  at: string;
}

/** The last decision on each step's picture, the newest first. */
export function lastDecisions(baselines: readonly Baseline[]): Decision[] {
  return baselines
    .flatMap((baseline) => {
      const last = baseline.history.at(-1);
      return last ? [{ baseline, what: last.what, by: last.by, at: last.at }] : [];
    })
    .sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}
