/** From an answer's series to the points of a chart. Pure. */

import type { Answer, Row } from '../types';
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

type Points = NonNullable<Answer['series']>;

/**
 * Lays the series of an answer on its grid of buckets, since the server leaves out buckets without events.
 *
 * @param key the calculation to draw; a bucket without it is 0 for a count, else a gap.
 * @param countKey the calculation that counts the samples.
 * @param rows the points of one group, where the answer has several.
 */
export function toSeries(answer: Answer, key: string, countKey?: string, rows: Points = answer.series ?? []): Series {
  const { start_time, end_time, granularity } = answer.meta;
  const width = Math.max(granularity, 1) * 1000;
  const from = start_time * 1000;
  const until = end_time * 1000;
  const known = new Map(rows.map(({ time, data }) => [Date.parse(time), data]));
  const anchor = answer.series?.[0];
  const start = firstBucket(from, width, anchor ? Date.parse(anchor.time) : 0);
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

/** One of the lines of a chart. */
export interface Curve {
  title: string;
  series: Series;
}

/** So many groups are drawn, those that the answer has first: more could not be told apart. */
export const MOST_CURVES = 8;

interface Wanted {
  value?: string | undefined;
  lines?: readonly { key: string; title: string }[] | undefined;
  count?: string | undefined;
  title: string;
}

/** The lines of a chart: its values, or its value for each group. */
export function toCurves(answer: Answer, { value, lines, count, title }: Wanted, breakdowns: readonly string[], name: (row: Row) => string): Curve[] {
  if (lines) return lines.map((line) => ({ title: line.title, series: toSeries(answer, line.key, count) }));
  if (breakdowns.length === 0) return [{ title, series: toSeries(answer, value!, count) }];
  const groupOf = (row: Row) => JSON.stringify(breakdowns.map((breakdown) => row[breakdown] ?? null));
  const points = new Map<string, Points>(answer.results.map(({ data }) => [groupOf(data), []]));
  for (const point of answer.series ?? []) points.get(groupOf(point.data))?.push(point);
  return answer.results.slice(0, MOST_CURVES).map(({ data }) => ({
    title: name(data),
    series: trim(toSeries(answer, value!, count, points.get(groupOf(data)) ?? [])),
  }));
}

/** Draws nothing before a group was first seen and after it was last seen, such as a release, where a count would be 0. */
function trim(series: Series): Series {
  const isSeen = ({ value }: Point) => value !== null && value !== 0;
  const [first, last] = [series.points.findIndex(isSeen), series.points.findLastIndex(isSeen)];
  const points = series.points.map((point, index) => (point.value === 0 && (index < first || index > last) ? { ...point, value: null } : point));
  return { ...series, points };
}

/** The same of the range that the answer compares with, moved to where it is compared; null without one. */
export function toPast(answer: Answer, key: string, countKey?: string): Series | null {
  const { comparison, meta } = answer;
  if (!comparison) return null;
  const now = toSeries(answer, key, countKey);
  const offset = (meta.start_time - comparison.start_time) * 1000;
  // Its buckets may begin at other moments, so each stands in the nearest one.
  const place = (time: number) => now.start + Math.round((time + offset - now.start) / now.width) * now.width;
  const rows = (comparison.series ?? []).map(({ time, data }) => ({ time: new Date(place(Date.parse(time))).toISOString(), data }));
  return toSeries(answer, key, countKey, rows);
}

/** The bucket that holds the start, on the grid of a bucket that is known. */
function firstBucket(start: number, width: number, known: number): number {
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
