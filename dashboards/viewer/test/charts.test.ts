import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countAxis, durationAxis, linear, niceTicks, timeTicks, vitalAxis } from '../charts/scale';
import { isPartial, largest, toCurves, toPast, toSeries, toStrokes } from '../charts/series';
import type { Answer } from '../types';
import { VITALS } from '../vitals';

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const answer = (...series: [number, Record<string, number | null>][]): Answer => ({
  results: [],
  series: series.map(([time, data]) => ({ time: iso(time), data })),
  meta: { elapsed_ms: 1, rows_read: 1, start_time: 90, end_time: 270, granularity: 60, limited: false },
});
const point = (time: number, value: number | null, samples = 50) => ({ time, value, samples });

test('a scale maps ends to ends', () => {
  const scale = linear(10, 20, 100, 0);
  assert.deepEqual([10, 15, 20].map(scale), [100, 50, 0]);
});

test('ticks are round and start at 0', () => {
  assert.deepEqual(niceTicks(870, 4), [0, 250, 500, 750]);
  assert.deepEqual(niceTicks(2, 4, true), [0, 1, 2]);
  assert.deepEqual(countAxis(0).ticks, [0, 1]);
});

test('the ticks of a vital are the ends of its bands', () => {
  assert.deepEqual(vitalAxis(VITALS.lcp, 3000).ticks, [0, 2500]);
  assert.deepEqual(vitalAxis(VITALS.lcp, 5000).ticks, [0, 2500, 4000]);
});

test('a vital far below its first band gets an axis of its own', () => {
  const axis = vitalAxis(VITALS.ttfb, 60);
  assert.ok(axis.max < 100);
  assert.ok(!axis.ticks.includes(800));
});

test('time ticks are midnights of the reader, also where clocks change', () => {
  const { times, days } = timeTicks(Date.parse('2026-10-23T12:00:00Z'), Date.parse('2026-10-27T12:00:00Z'), 5);
  assert.equal(days, true);
  assert.deepEqual(times.map((time) => new Date(time).getHours()), [0, 0, 0, 0]);
});

test('time ticks stay within their range', () => {
  const start = Date.parse('2026-11-23T08:07:00Z');
  const { times } = timeTicks(start, start + 900_000, 5);
  assert.deepEqual(times.map((time) => new Date(time).getMinutes()), [10, 15, 20]);
});

test('a series fills the buckets that the server leaves out', () => {
  const series = toSeries(answer([120, { COUNT: 4 }]), 'COUNT');
  assert.deepEqual(series.points.map(({ time, value }) => [time / 1000, value]), [[60, 0], [120, 4], [180, 0], [240, 0]]);
  assert.deepEqual([series.start, series.end], [60_000, 300_000]);
});

test('a bucket that reaches beyond the question is partial', () => {
  const series = toSeries(answer([120, { COUNT: 4 }]), 'COUNT');
  assert.deepEqual(series.points.map((one) => isPartial(one, series)), [true, false, false, true]);
});

test('a bucket without a measurement is a gap, not 0', () => {
  const series = toSeries(answer([120, { p75: 300, n: 40 }], [180, { p75: null, n: 0 }]), 'p75', 'n');
  assert.deepEqual(series.points.map(({ value, samples }) => [value, samples]), [[null, 0], [300, 40], [null, 0], [null, 0]]);
});

test('a line breaks at gaps', () => {
  const strokes = toStrokes([point(1, 5), point(2, 6), point(3, null), point(4, 7)]);
  assert.deepEqual(strokes.map(({ points }) => points.map(({ time }) => time)), [[1, 2], [4]]);
});

test('a stroke to or from a thin bucket is thin', () => {
  const strokes = toStrokes([point(1, 5), point(2, 6), point(3, 7, 2), point(4, 8), point(5, 9)]);
  assert.deepEqual(strokes.map(({ thin, points }) => [thin, points.map(({ time }) => time)]), [[false, [1, 2]], [true, [2, 3, 4]], [false, [4, 5]]]);
});

test('an outlier of a thin bucket does not stretch the axis', () => {
  assert.equal(largest([point(1, 300), point(2, 90_000, 1)]), 300);
  assert.equal(largest([point(2, 90_000, 1)]), 90_000);
});

test('every group of an answer has a line of its own', () => {
  const grouped = answer([120, { device: 'phone' as never, p75: 300 }], [120, { device: 'desktop' as never, p75: 100 }], [180, { device: 'phone' as never, p75: 400 }]);
  grouped.results = [{ data: { device: 'desktop' } }, { data: { device: 'phone' } }];
  const curves = toCurves(grouped, { value: 'p75', title: 'p75' }, ['device'], (row) => String(row.device));
  assert.deepEqual(curves.map(({ title, series }) => [title, series.points.map(({ value }) => value)]), [
    ['desktop', [null, 100, null, null]],
    ['phone', [null, 300, 400, null]],
  ]);
});

test('what was before stands where it is compared, in the nearest bucket', () => {
  const compared = answer([120, { COUNT: 4 }]);
  compared.comparison = { start_time: 90 - 185, end_time: 85, results: [], series: [{ time: iso(-60), data: { COUNT: 7 } }] };
  assert.deepEqual(toPast(compared, 'COUNT')!.points.map(({ value }) => value), [0, 7, 0, 0]);
  assert.equal(toPast(answer(), 'COUNT'), null);
});

test('an axis of long durations has round steps in minutes or hours', () => {
  assert.deepEqual(durationAxis(900).ticks, [0, 500]);
  assert.deepEqual(durationAxis(1_900_000).ticks.map((ms) => ms / 60_000), [0, 20]);
  assert.deepEqual(durationAxis(30_000_000).ticks.map((ms) => ms / 3_600_000), [0, 5]);
});
