/** Draws a heat map: time from left to right, values upwards, and the more events, the stronger the colour. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { formatClock, formatDay } from '../format';
import { VITALS } from '../vitals';
import { cellTicks, placeOf } from './cells';
import type { HeatGrid } from './heatGrid';
import { linear, timeTicks } from './scale';
import type { Measured } from './units';
import { formatTick } from './units';

export const HEIGHT = 300;
export const MARGIN = { top: 8, right: 12, bottom: 22, left: 52 };

/** Columns and rows, both ends included; rows count upwards. */
export interface Box {
  left: number;
  right: number;
  low: number;
  high: number;
}

interface Props extends Measured {
  grid: HeatGrid;
  width: number;
  /** Selected, or about to be. */
  box: Box | null;
  cursor: { column: number; row: number } | null;
}

/** Where columns and rows lie, in pixels from the chart's upper left corner. */
export function layOutGrid(grid: HeatGrid, width: number) {
  return {
    x: linear(0, grid.columns.length, MARGIN.left, width - MARGIN.right),
    y: linear(0, grid.rows, HEIGHT - MARGIN.bottom, MARGIN.top),
  };
}

export function HeatmapPlot({ grid, width, box, cursor, ...measured }: Props) {
  const { x, y } = layOutGrid(grid, width);
  const lines = measured.vital ? [VITALS[measured.vital].good, VITALS[measured.vital].fair] : [];
  const ticks = cellTicks(grid.scale, lines, (22 * grid.rows) / (HEIGHT - MARGIN.top - MARGIN.bottom));
  const { times, days } = timeTicks(grid.start, grid.end, Math.max(2, Math.floor(width / 84)));
  const at = linear(grid.start, grid.end, x(0), x(grid.columns.length));
  const right = width - MARGIN.right;
  const path = grid.line.flatMap((value, column) => (value === null ? [] : [`${(x(column) + x(column + 1)) / 2},${y(placeOf(grid.scale, value))}`]));
  return (
    <>
      <Ink grid={grid} width={width} />
      <svg width={width} height={HEIGHT} aria-hidden="true">
        <g class="grid">
          {ticks.map((tick) => {
            const place = y(placeOf(grid.scale, tick));
            return (
              <g key={tick}>
                <line x1={MARGIN.left - 4} x2={MARGIN.left} y1={place} y2={place} class="base" />
                <text x={MARGIN.left - 8} y={place} dy="0.32em" text-anchor="end">{formatTick(measured, tick)}</text>
              </g>
            );
          })}
          {times.map((time) => (
            <text key={time} x={Math.max(MARGIN.left + 14, Math.min(width - 22, at(time)))} y={HEIGHT - 5} text-anchor="middle">
              {days || new Date(time).getHours() + new Date(time).getMinutes() === 0 ? formatDay(time) : formatClock(time)}
            </text>
          ))}
          <line x1={MARGIN.left} x2={right} y1={y(0)} y2={y(0)} class="base" />
        </g>
        {lines.map((line, index) => {
          const place = placeOf(grid.scale, line);
          if (place <= 0 || place >= grid.rows) return null;
          return <line key={line} class="threshold" data-rating={index === 0 ? 'good' : 'poor'} x1={MARGIN.left} x2={right} y1={y(place)} y2={y(place)} />;
        })}
        {path.length > 1 && <path class="heat-line-edge" d={`M${path.join('L')}`} />}
        {path.length > 1 && <path class="heat-line" d={`M${path.join('L')}`} />}
        {cursor && (
          <rect class="heat-cursor" x={x(cursor.column)} y={y(cursor.row + 1)} width={x(cursor.column + 1) - x(cursor.column)} height={y(cursor.row) - y(cursor.row + 1)} />
        )}
        {box && (
          <rect class="brushed" x={x(box.left)} y={y(box.high + 1)} width={x(box.right + 1) - x(box.left)} height={y(box.low) - y(box.high + 1)} />
        )}
      </svg>
    </>
  );
}

/** The cells themselves: tens of thousands at most, so they are pixels and not elements. */
function Ink({ grid, width }: { grid: HeatGrid; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColorScheme();
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    const density = devicePixelRatio || 1;
    canvas.current!.width = width * density;
    canvas.current!.height = HEIGHT * density;
    const { x, y } = layOutGrid(grid, width);
    const snap = (place: number) => Math.round(place * density);
    context.fillStyle = getComputedStyle(canvas.current!).color;
    for (const { column, row, count } of grid.cells) {
      // The power brings out the few: what holds one event is still to be seen.
      context.globalAlpha = 0.05 + 0.95 * Math.min(1, count / grid.most) ** 0.6;
      const [left, top] = [snap(x(column)), snap(y(row + 1))];
      context.fillRect(left, top, Math.max(1, snap(x(column + 1)) - left), Math.max(1, snap(y(row)) - top));
    }
  }, [grid, width, scheme]);
  return <canvas ref={canvas} class="heat-ink" aria-hidden="true" style={{ width: `${width}px`, height: `${HEIGHT}px` }} />;
}

/** Changes with the page's colours, which a canvas does not follow by itself. */
function useColorScheme(): boolean {
  const [dark, setDark] = useState(false);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setDark(query.matches);
    follow();
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return dark;
}
