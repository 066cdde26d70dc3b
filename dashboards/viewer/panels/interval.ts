/** How far two percentiles are apart, and whether that is more than chance. Pure. */

import type { Interval } from '../types';
import { RATED_FROM } from '../vitals';

export interface Side {
  value: number | null;
  interval: Interval | null;
  samples: number;
}

export type Verdict = 'too few' | 'no clear difference' | 'lower' | 'higher';

export interface Difference {
  /** B minus A. */
  value: number;
  low: number;
  high: number;
  verdict: Verdict;
}

/**
 * The difference of two percentiles with its 95 % interval, made of both intervals by the method of variance estimates recovery (MOVER,
 * https://doi.org/10.1002/sim.3095), which asks for no particular distribution. Null where a side has no value.
 */
export function differenceOf(a: Side, b: Side): Difference | null {
  if (a.value === null || b.value === null) return null;
  const value = b.value - a.value;
  if (a.samples < RATED_FROM || b.samples < RATED_FROM || !a.interval || !b.interval) return { value, low: NaN, high: NaN, verdict: 'too few' };
  const low = value - Math.hypot(b.value - b.interval.low, a.interval.high - a.value);
  const high = value + Math.hypot(b.interval.high - b.value, a.value - a.interval.low);
  return { value, low, high, verdict: low > 0 ? 'higher' : high < 0 ? 'lower' : 'no clear difference' };
}
