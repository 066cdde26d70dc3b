/** Scales and ticks: numbers to pixels, and where the lines go. Pure. */

import type { Vital } from '../vitals';

export type Scale = (value: number) => number;

/** Maps a domain to a range in a straight line. */
export function linear(domainStart: number, domainEnd: number, rangeStart: number, rangeEnd: number): Scale {
  const factor = domainEnd === domainStart ? 0 : (rangeEnd - rangeStart) / (domainEnd - domainStart);
  return (value) => rangeStart + (value - domainStart) * factor;
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `value`. */
export function niceCeil(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 5, 10].find((step) => step * power >= value * (1 - 1e-9));
  return (factor ?? 10) * power;
}

/** Round ticks from 0 up to `max`, about `count` of them; with `whole` never between whole numbers. */
export function niceTicks(max: number, count: number, whole = false): number[] {
  const step = Math.max(niceCeil(max / count), whole ? 1 : 0);
  const steps = Math.floor(max / step + 1e-9);
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

export interface Axis {
  max: number;
  ticks: number[];
}

/** An axis from 0 to just above the largest value; of counts it has no tick between whole numbers. */
export function countAxis(max: number, whole = true): Axis {
  const top = Math.max(max * 1.08, whole ? 1 : 1e-6);
  return { max: top, ticks: niceTicks(top, 3, whole) };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An axis for durations in ms: its steps are round in the unit that they are written in. */
export function durationAxis(max: number): Axis {
  const { max: top, ticks } = countAxis(max, false);
  const unit = top > 2 * HOUR ? HOUR : top > 2 * MINUTE ? MINUTE : 0;
  return { max: top, ticks: unit ? niceTicks(top / unit, 3).map((tick) => tick * unit) : ticks };
}

/** An axis for shares of 1: it ends at the whole where they come near to it. */
export function shareAxis(max: number): Axis {
  const top = max > 0.8 ? Math.max(max, 1) : Math.max(max * 1.1, 0.001);
  return { max: top, ticks: niceTicks(top, 3) };
}

/**
 * An axis for a vital. Its ticks are the ends of the bands, since they are what a value is compared with; the top leaves
 * room for the first one unless the values lie far below it.
 */
export function vitalAxis(vital: Vital, max: number): Axis {
  const far = max < vital.good * 0.3;
  const top = far ? Math.max(max * 1.3, vital.good / 100) : Math.max(max * 1.12, vital.good * 1.2);
  const bands = [vital.good, vital.fair].filter((line) => line <= top);
  const between = niceTicks(top, 3).filter((tick) => [0, ...bands].every((line) => Math.abs(tick - line) > top * 0.2));
  return { max: top, ticks: [0, ...bands, ...between].sort((a, b) => a - b) };
}

const DAY = 24 * HOUR;
const STEPS = [
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 28 * DAY,
];

/** Round moments of the reader's own clock between two moments, about `count`; `days` says that they are midnights. */
export function timeTicks(start: number, end: number, count: number): { times: number[]; days: boolean } {
  const step = STEPS.find((candidate) => (end - start) / candidate <= count + 0.5) ?? niceCeil((end - start) / count / DAY) * DAY;
  const times: number[] = [];
  for (let index = 0; ; index += 1) {
    const time = alignedTime(start, step, index);
    if (time > end) break;
    if (time >= start) times.push(time);
  }
  return { times, days: step >= DAY };
}

/** The n-th tick counted from the midnight before `start`. The Date keeps days right where clocks change. */
function alignedTime(start: number, step: number, index: number): number {
  const date = new Date(start);
  date.setHours(0, 0, 0, 0);
  if (step >= DAY) date.setDate(date.getDate() + (index * step) / DAY);
  else date.setMinutes((index * step) / MINUTE);
  return date.getTime();
}
