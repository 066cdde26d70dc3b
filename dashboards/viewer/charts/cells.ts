/** The cells of a HEATMAP: which of them to show, and where a value lies among them. Pure. */

import type { Answer, Cells } from '../types';

/** How much of all events may lie beyond either end of what is shown. */
const BEYOND = 0.002;

export interface CellScale {
  edges: readonly number[];
  /** The first cell shown, and the one after the last. */
  first: number;
  end: number;
}

/** The edges of a HEATMAP's cells; empty where nothing was measured. */
export function edgesOf({ meta }: Answer, key: string): readonly number[] {
  return meta.heatmaps?.[key]?.edges ?? [];
}

/** The cells that an answer, a group or a point has under a key. */
export function cellsOf(data: Record<string, unknown> | undefined, key: string): Cells {
  const cells = data?.[key];
  return Array.isArray(cells) ? (cells as Cells) : [];
}

/** Leaves out the far ends, where next to nothing lies: a single outlier would take half of the room. */
export function showCells(edges: readonly number[], cells: Cells): CellScale {
  const counts = edges.slice(1).map(() => 0);
  for (const [cell, count] of cells) counts[cell] = count;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const reaches = (from: readonly number[]) => {
    let sum = 0;
    return from.findIndex((count) => (sum += count) > total * BEYOND);
  };
  if (total === 0) return { edges, first: 0, end: counts.length };
  return { edges, first: reaches(counts), end: counts.length - reaches([...counts].reverse()) };
}

/** Where a value lies, in cells from the first one shown: 2.5 is the middle of the third. */
export function placeOf({ edges, first, end }: CellScale, value: number): number {
  const last = end - 1;
  if (value <= edges[first]!) return 0;
  if (value >= edges[end]!) return end - first;
  let cell = first;
  while (cell < last && edges[cell + 1]! <= value) cell += 1;
  const [low, high] = [edges[cell]!, edges[cell + 1]!];
  const part = low > 0 ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return cell - first + part;
}

/** Round values between the ends of what is shown, and those that have to be marked, none nearer than `least` cells. */
export function cellTicks(scale: CellScale, marked: readonly number[], least: number): number[] {
  const { edges, first, end } = scale;
  const hasZero = edges[first] === 0;
  // What lies in the cell that begins at 0 has no place of its own, so the cell is called 0.
  const [low, high] = [edges[hasZero ? first + 1 : first] ?? 0, edges[end] ?? 0];
  const taken = marked.filter((value) => value > low && value < high);
  if (hasZero) taken.push(0);
  const isFree = (value: number) => taken.every((other) => Math.abs(placeOf(scale, value) - placeOf(scale, other)) >= least);
  for (const factors of [[1], [5], [2], [3]]) {
    for (const value of rounds(low, high, factors)) if (isFree(value)) taken.push(value);
  }
  return taken.sort((a, b) => a - b);
}

/** The cell of the value 0, where it has one: more lies there than anywhere else, and it would make all others small. */
export function zeroCell(edges: readonly number[]): number | null {
  return edges[0] === 0 && edges.length > 2 && edges[1]! > 0 ? 0 : null;
}

function rounds(low: number, high: number, factors: readonly number[]): number[] {
  if (!(high > 0)) return [];
  const top = Math.ceil(Math.log10(high));
  const bottom = low > 0 ? Math.floor(Math.log10(low)) : top - 6;
  const powers = Array.from({ length: top - bottom + 1 }, (_, index) => bottom + index);
  return powers
    .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
    .filter((value) => value > low && value < high);
}
