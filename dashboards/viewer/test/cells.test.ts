import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cellTicks, placeOf, showCells } from '../charts/cells';
import { countIn, rowRange, toGrid } from '../charts/heatGrid';
import { toBox, toSelection } from '../panels/heatmap';
import type { Answer, Cells, Row } from '../types';

const edges = [0, 100, 200, 400, 800, 1600];
const scale = { edges, first: 0, end: 5 };
const key = 'HEATMAP(lcp.value)';

/** An answer about four minutes, with cells for some of them. */
const answer = (...minutes: [number, Cells][]): Answer => {
  const all = new Map<number, number>();
  for (const [, cells] of minutes) for (const [cell, count] of cells) all.set(cell, (all.get(cell) ?? 0) + count);
  const row = (cells: Cells) => ({ [key]: cells }) as unknown as Row;
  return {
    results: [{ data: row([...all]) }],
    series: minutes.map(([minute, cells]) => ({ time: new Date(minute * 60_000).toISOString(), data: row(cells) })),
    meta: { elapsed_ms: 1, rows_read: 1, start_time: 0, end_time: 240, granularity: 60, limited: false, heatmaps: { [key]: { edges } } },
  };
};

test('a value lies between the edges of its cell, in even ratios', () => {
  assert.equal(placeOf(scale, 0), 0);
  assert.equal(placeOf(scale, 50), 0.5);
  assert.equal(placeOf(scale, 200), 2);
  assert.ok(Math.abs(placeOf(scale, Math.sqrt(200 * 400)) - 2.5) < 1e-9);
  assert.equal(placeOf(scale, 99_999), 5);
});

test('a single outlier does not take half of the room', () => {
  assert.deepEqual(showCells(edges, [[1, 900], [2, 800], [4, 1]]), { edges, first: 1, end: 3 });
  assert.deepEqual(showCells(edges, [[1, 9], [4, 1]]), { edges, first: 1, end: 5 });
});

test('cells without events are all shown', () => {
  assert.deepEqual(showCells(edges, []), { edges, first: 0, end: 5 });
});

test('ticks keep their distance, and the ends of bands come first', () => {
  const ticks = cellTicks(scale, [250], 0.9);
  assert.ok(ticks.includes(250) && ticks.includes(1000));
  assert.ok(!ticks.includes(200));
});

test('a heat map has a column for every bucket, also without events', () => {
  const grid = toGrid(answer([1, [[1, 3]]], [3, [[2, 1], [3, 4]]]), key);
  assert.deepEqual(grid.columns, [0, 60_000, 120_000, 180_000]);
  assert.deepEqual(grid.cells, [{ column: 1, row: 0, count: 3 }, { column: 3, row: 1, count: 1 }, { column: 3, row: 2, count: 4 }]);
  assert.deepEqual([grid.rows, grid.most, grid.total], [3, 4, 8]);
  assert.deepEqual(rowRange(grid, 0), [100, 200]);
  assert.equal(countIn(grid, { left: 3, right: 3, low: 1, high: 2 }), 5);
});

test('a box selects its times and values, and is found again', () => {
  const grid = toGrid(answer([0, [[0, 5], [4, 5]]], [3, [[2, 5]]]), key);
  const box = { left: 1, right: 2, low: 1, high: 3 };
  const selection = toSelection(grid, 'lcp.value', box);
  assert.deepEqual([selection.start_time, selection.end_time, selection.min], [60, 180, 100]);
  assert.ok(Number(selection.max) < 800 && Number(selection.max) > 799.9);
  assert.deepEqual(toBox(grid, 'lcp.value', selection), box);
  assert.equal(toBox(grid, 'inp.value', selection), null);
});

test('a box at the upper end also selects what lies beyond', () => {
  const grid = toGrid(answer([0, [[0, 5], [4, 5]]]), key);
  assert.deepEqual(toSelection(grid, 'lcp.value', { left: 0, right: 0, low: 2, high: 4 }), { column: 'lcp.value', start_time: 0, end_time: 60, min: 200 });
});

test('a box over all values selects what has one', () => {
  const grid = toGrid(answer([0, [[0, 5], [4, 5]]]), key);
  assert.equal(toSelection(grid, 'lcp.value', { left: 0, right: 0, low: 0, high: 4 }).min, 0);
});

test('a cell that begins at 0 is called 0, however small the next edge is', () => {
  const ticks = cellTicks({ edges: [0, 1e-6, 0.01, 0.1, 1], first: 0, end: 4 }, [0.1], 0.5);
  assert.deepEqual(ticks.slice(0, 1), [0]);
  assert.ok(!ticks.includes(1e-6) && ticks.includes(0.1));
});

test('how strong a cell is does not depend on how many zeros there are', () => {
  assert.equal(toGrid(answer([0, [[0, 500], [2, 5]]]), key).most, 5);
});
