/** From an answer's series to the points of a chart. Pure. */

import type { Answer } from '../types';
import { RATED_FROM } from '../vitals';

export interface Point {
  /** Start of the bucket, epoch ms. */
  time: number;
  value: number | null;
  /** How many samples are behind the value; null where nobody counted. */
  samples: number | null;
}

export interface Series {
  points: Point[];
  /** From the start of the first bucket to the end of the last one, epoch ms. */
  start: number;
  end: number;
  /** Width of a bucket in ms. */
  width: number;
  /** What the question covered: a bucket that reaches beyond it is not whole. */
  from: number;
  until: number;
}

/**
 * Lays the series of an answer on its grid of buckets, since the server leaves out buckets without events.
 *
 * @param key the calculation to draw; a bucket without it is 0 for a count, else a gap.
 * @param countKey the calculation that counts the samples.
 */
export function toSeries(answer: Answer, key: string, countKey?: string): Series {
  const { start_time, end_time, granularity } = answer.meta;
  const width = Math.max(granularity, 1) * 1000;
  const from = start_time * 1000;
  const until = end_time * 1000;
  const known = new Map((answer.series ?? []).map(({ time, data }) => [Date.parse(time), data]));
  const start = firstBucket(from, width, known.keys().next().value);
  const points: Point[] = [];
  for (let time = start; time < until; time += width) {
    const data = known.get(time);
    points.push({
      time,
      value: toNumber(data?.[key]) ?? (key === 'COUNT' ? 0 : null),
      samples: countKey === undefined ? null : (toNumber(data?.[countKey]) ?? 0),
    });
  }
  return { points, start, end: start + points.length * width, width, from, until };
}

/** The bucket that holds the start, on the grid of a bucket that is known. */
function firstBucket(start: number, width: number, known = 0): number {
  return known + Math.floor((start - known) / width) * width;
}

function toNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** True if the question covered only a part of the bucket. */
export function isPartial(point: Point, { width, from, until }: Series): boolean {
  return point.time < from || point.time + width > until;
}

/** True if a percentile over so few samples says little. */
export function isThin(point: Point): boolean {
  return point.samples !== null && point.samples < RATED_FROM;
}

/** The largest value to draw: thin buckets count only where there is nothing better. */
export function largest(points: readonly Point[]): number {
  const sure = points.filter((point) => point.value !== null && !isThin(point));
  const drawn = sure.length > 0 ? sure : points;
  return drawn.reduce((max, point) => Math.max(max, point.value ?? 0), 0);
}

export interface Stroke {
  points: { time: number; value: number }[];
  thin: boolean;
}

/** Cuts points into strokes: a gap ends one, and so does a change between thin and sure buckets. */
export function toStrokes(points: readonly Point[]): Stroke[] {
  const strokes: Stroke[] = [];
  let last: Point | undefined;
  for (const point of points) {
    if (point.value !== null) {
      const thin = isThin(point) || (last?.value != null && isThin(last));
      const stroke = strokes.at(-1);
      const here = { time: point.time, value: point.value };
      if (last?.value == null) strokes.push({ points: [here], thin: isThin(point) });
      else if (stroke && stroke.thin === thin) stroke.points.push(here);
      else strokes.push({ points: [{ time: last.time, value: last.value }, here], thin });
    }
    last = point;
  }
  return strokes;
}
