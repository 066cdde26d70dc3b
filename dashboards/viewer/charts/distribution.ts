/** The distributions of several groups on one axis, each as shares of its own whole. Pure. */

import type { Cells } from '../types';
import type { CellScale } from './cells';

const CELLS = 48;
/** How much of a group may lie beyond either end of what is shown. */
const BEYOND = 0.004;

/** The cells of a HEATMAP with their edges. */
export interface Spread {
  edges: readonly number[];
  cells: Cells;
}

export interface Overlay {
  scale: CellScale;
  /** By group: the share of each cell of the scale. */
  shares: number[][];
}

/** Puts HEATMAPs, whose edges may differ, into the same cells; null where none has events. */
export function overlay(spreads: readonly Spread[]): Overlay | null {
  const known = spreads.filter(({ cells }) => cells.length > 0);
  if (known.length === 0) return null;
  const edges = commonEdges(known);
  const shares = spreads.map((spread) => {
    const below = edges.map((edge) => shareBelow(spread, edge));
    // What lies beyond the ends belongs to the last cells, so that a group is a whole.
    below[0] = 0;
    below[below.length - 1] = spread.cells.length > 0 ? 1 : 0;
    return below.slice(1).map((share, index) => share - below[index]!);
  });
  return { scale: { edges, first: 0, end: edges.length - 1 }, shares };
}

function commonEdges(spreads: readonly Spread[]): number[] {
  const hasZero = spreads.some(({ edges }) => edges[0] === 0);
  const isNegative = spreads.some(({ edges }) => edges[0]! < 0);
  const lows = spreads.map((spread) => valueAt(spread, BEYOND)).filter((value) => isNegative || value > 0);
  const high = Math.max(...spreads.map((spread) => valueAt(spread, 1 - BEYOND)));
  const low = Math.min(...lows, high);
  if (isNegative || low <= 0) return evenly(Math.min(low, high), high > low ? high : low + 1);
  const top = high > low ? high : low * 2;
  const inner = Array.from({ length: CELLS + 1 }, (_, step) => low * (top / low) ** (step / CELLS));
  return hasZero ? [0, ...inner] : inner;
}

function evenly(low: number, high: number): number[] {
  return Array.from({ length: CELLS + 1 }, (_, step) => low + ((high - low) * step) / CELLS);
}

/** The share of a group below a value; within a cell values lie evenly, by their ratio where the cell does not begin at 0. */
export function shareBelow({ edges, cells }: Spread, value: number): number {
  const total = cells.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return 0;
  const below = cells.reduce((sum, [cell, count]) => sum + count * partBelow(edges[cell]!, edges[cell + 1]!, value), 0);
  return below / total;
}

function partBelow(low: number, high: number, value: number): number {
  if (value <= low) return 0;
  if (value >= high || low === high) return 1;
  // Only the value 0 itself lies in the cell that begins there.
  if (low === 0) return 1;
  return low > 0 ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** The upper edge of the cell in which a share of the group is reached; of zeros, the first value above them. */
function valueAt({ edges, cells }: Spread, share: number): number {
  const wanted = share * cells.reduce((sum, [, count]) => sum + count, 0);
  let sum = 0;
  for (const [cell, count] of [...cells].sort(([a], [b]) => a - b)) {
    sum += count;
    if (sum > wanted) return share < 0.5 ? (edges[cell]! === 0 ? edges[cell + 1]! : edges[cell]!) : edges[cell + 1]!;
  }
  return edges.at(-1)!;
}
