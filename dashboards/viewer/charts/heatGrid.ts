/** From the series of a HEATMAP to columns of time and rows of values. Pure. */

import type { Answer } from '../types';
import type { CellScale } from './cells';
import { cellsOf, edgesOf, showCells, zeroCell } from './cells';
import { toSeries } from './series';

export interface HeatGrid {
  scale: CellScale;
  /** The starts of the columns, epoch ms. */
  columns: readonly number[];
  /** Width of a column in ms; the ends of all columns together, epoch ms. */
  width: number;
  start: number;
  end: number;
  /** How many rows are shown. */
  rows: number;
  cells: readonly { column: number; row: number; count: number }[];
  /** The most events of a cell, but for that of 0, and the number of all that are shown. */
  most: number;
  total: number;
  /** A value for each column to draw as a line. */
  line: readonly (number | null)[];
}

/** Lays an answer on a grid; cells beyond the rows that are shown are counted in the nearest one. */
export function toGrid(answer: Answer, key: string, lineKey?: string): HeatGrid {
  const series = toSeries(answer, lineKey ?? key);
  const scale = showCells(edgesOf(answer, key), cellsOf(answer.results[0]?.data, key));
  const columns = series.points.map(({ time }) => time);
  const rows = Math.max(scale.end - scale.first, 0);
  const counts = new Map<number, number>();
  for (const { time, data } of answer.series ?? []) {
    const column = Math.round((Date.parse(time) - series.start) / series.width);
    for (const [cell, count] of cellsOf(data, key)) {
      const row = Math.max(0, Math.min(rows - 1, cell - scale.first));
      const place = column * rows + row;
      counts.set(place, (counts.get(place) ?? 0) + count);
    }
  }
  const hasZero = scale.first === zeroCell(scale.edges);
  const cells = [...counts].map(([place, count]) => ({ column: Math.floor(place / rows), row: place % rows, count }));
  return {
    scale, columns, rows, cells,
    width: series.width,
    start: series.start,
    end: series.end,
    most: cells.reduce((most, { row, count }) => (hasZero && row === 0 && rows > 1 ? most : Math.max(most, count)), 1),
    total: cells.reduce((sum, { count }) => sum + count, 0),
    line: lineKey === undefined ? [] : series.points.map(({ value }) => value),
  };
}

/** The values of a row, from and to. */
export function rowRange({ scale }: HeatGrid, row: number): [number, number] {
  return [scale.edges[scale.first + row]!, scale.edges[scale.first + row + 1]!];
}

/** How many events lie in columns and rows, both ends included. */
export function countIn({ cells }: HeatGrid, box: { left: number; right: number; low: number; high: number }): number {
  return cells.reduce((sum, { column, row, count }) => {
    const isIn = column >= box.left && column <= box.right && row >= box.low && row <= box.high;
    return isIn ? sum + count : sum;
  }, 0);
}
