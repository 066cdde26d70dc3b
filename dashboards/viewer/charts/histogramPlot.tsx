/** Draws a histogram: bars in the colours of their bands, marks such as percentiles, and the axis of values. */

import { formatCompact, formatCount } from '../format';
import type { Cells } from '../types';
import { VITALS } from '../vitals';
import type { CellScale } from './cells';
import { cellTicks, placeOf, zeroCell } from './cells';
import { linear, niceTicks } from './scale';
import type { Measured } from './units';
import { formatMeasured, formatTick } from './units';
import { ValueGrid } from './valueGrid';

export const HEIGHT = 220;
export const MARGIN = { top: 34, right: 12, bottom: 22, left: 46 };

export interface Mark {
  title: string;
  value: number;
}

interface Props extends Measured {
  scale: CellScale;
  cells: Cells;
  marks: readonly Mark[];
  width: number;
  /** The cell that is read, counted from the first one shown. */
  cursor: number | null;
  /** The cells that are being chosen: the first, and the one after the last. */
  drag: readonly [number, number] | null;
}

export function HistogramPlot({ scale, cells, marks, width, cursor, drag, ...measured }: Props) {
  const shown = scale.end - scale.first;
  const x = linear(0, shown, MARGIN.left, width - MARGIN.right);
  const zero = zeroCell(scale.edges);
  const most = cells.reduce((max, [cell, count]) => (cell === zero && cells.length > 1 ? max : Math.max(max, count)), 1);
  // A bar of zeros that is taller than all others is cut, and says how many it stands for.
  const top = most * 1.3;
  const y = linear(0, top, HEIGHT - MARGIN.bottom, MARGIN.top);
  const lines = measured.vital ? [VITALS[measured.vital].good, VITALS[measured.vital].fair] : [];
  const ticks = cellTicks(scale, lines, (56 * shown) / Math.max(width - MARGIN.left - MARGIN.right, 1));
  return (
    <svg width={width} height={HEIGHT} aria-hidden="true">
      <g class="grid">
        <ValueGrid ticks={niceTicks(top, 3, true)} y={y} left={MARGIN.left} right={width - MARGIN.right} format={formatCompact} />
        {ticks.map((tick) => (
          <text key={tick} x={x(placeOf(scale, tick))} y={HEIGHT - 5} text-anchor="middle">{formatTick(measured, tick)}</text>
        ))}
      </g>
      {drag && <rect class="brushed" x={x(drag[0])} y={MARGIN.top} width={x(drag[1]) - x(drag[0])} height={HEIGHT - MARGIN.bottom - MARGIN.top} />}
      <g class="cell-bars">
        {cells.flatMap(([cell, count]) => {
          if (cell < scale.first || cell >= scale.end) return [];
          const [left, right] = [x(cell - scale.first), x(cell - scale.first + 1)];
          return parts(scale, cell, lines).map(({ band, from, to }) => (
            <rect
              key={`${cell} ${band}`}
              data-rating={lines.length > 0 ? BANDS[band] : undefined}
              data-read={cursor === cell - scale.first}
              x={left + (right - left) * from}
              y={y(Math.min(count, top))}
              width={Math.max((right - left) * (to - from) - (to === 1 ? 1 : 0), 0.5)}
              height={Math.max(y(0) - y(Math.min(count, top)), 1)}
            />
          ));
        })}
      </g>
      {cells.filter(([, count]) => count > top).map(([cell, count]) => (
        <text key={cell} x={x(cell - scale.first)} y={MARGIN.top - 6}>{formatCount(count)} at 0</text>
      ))}
      <g class="mark">
        {placeLabels(marks.map((mark) => x(placeOf(scale, mark.value)))).map(({ at, label, row }, index) => (
          <g key={marks[index]!.title}>
            <line x1={at} x2={at} y1={row * 13 + 6} y2={HEIGHT - MARGIN.bottom} />
            <text x={Math.min(label, width - 64)} y={row * 13 + 10}>
              <tspan class="mark-name">{marks[index]!.title}</tspan> {formatMeasured(measured, marks[index]!.value)}
            </text>
          </g>
        ))}
      </g>
    </svg>
  );
}

const BANDS = ['good', 'needs-improvement', 'poor'] as const;

/** The parts of a cell that lie in different bands, from 0 to 1: a line between two bands may cut a cell. */
function parts(scale: CellScale, cell: number, lines: readonly number[]): { band: number; from: number; to: number }[] {
  const whole = { edges: scale.edges, first: cell, end: cell + 1 };
  const cuts = [0, ...lines.map((line) => placeOf(whole, line)), 1];
  return cuts.slice(1).flatMap((to, band) => (to > cuts[band]! ? [{ band, from: cuts[band]!, to }] : []));
}

/** Puts labels beside their lines, in the second row where the first one is taken. */
function placeLabels(places: readonly number[]): { at: number; label: number; row: number }[] {
  const ends = [-Infinity, -Infinity];
  return places.map((at) => {
    const row = at + 4 >= ends[0]! ? 0 : 1;
    ends[row] = at + 86;
    return { at, label: at + 4, row };
  });
}
