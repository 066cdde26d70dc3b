/** Draws one time series: bands, grid, a line or bars, and the cursor. Geometry only; the panel around it talks. */

import { formatAxisDuration, formatBytes, formatClock, formatCompact, formatDay } from '../format';
import type { TimeseriesOptions } from '../types';
import { VITALS } from '../vitals';
import type { Axis, Scale } from './scale';
import { countAxis, linear, timeTicks, vitalAxis } from './scale';
import type { Point, Series } from './series';
import { isPartial, largest, toStrokes } from './series';

export const HEIGHT = 160;
export const MARGIN = { top: 8, right: 8, bottom: 22, left: 46 };

export interface Plot {
  options: TimeseriesOptions;
  series: Series;
  axis: Axis;
  x: Scale;
  y: Scale;
  width: number;
}

/** Fits a series into a width: axis and scales. */
export function layOut(series: Series, options: TimeseriesOptions, width: number): Plot {
  const max = largest(series.points);
  const axis = options.vital ? vitalAxis(VITALS[options.vital], max) : countAxis(max);
  return {
    options,
    series,
    axis,
    width,
    x: linear(series.start, series.end, MARGIN.left, width - MARGIN.right),
    y: linear(0, axis.max, HEIGHT - MARGIN.bottom, MARGIN.top),
  };
}

/** The lines and labels of both axes, over the bands where there are any. */
export function Grid({ plot }: { plot: Plot }) {
  const { axis, series, width, x, y, options } = plot;
  const { times, days } = timeTicks(series.start, series.end, Math.max(2, Math.floor(width / 84)));
  return (
    <g class="grid">
      {options.vital && <Bands plot={plot} />}
      {axis.ticks.map((tick) => (
        <g key={tick}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} class={tick === 0 ? 'base' : undefined} />
          <text x={MARGIN.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">{formatTick(options, tick)}</text>
        </g>
      ))}
      {times.map((time) => (
        <text key={time} x={clamp(x(time), MARGIN.left + 14, width - 22)} y={HEIGHT - 5} text-anchor="middle">
          {days || isMidnight(time) ? formatDay(time) : formatClock(time)}
        </text>
      ))}
    </g>
  );
}

function Bands({ plot: { axis, options, width, y } }: { plot: Plot }) {
  const vital = VITALS[options.vital!];
  const bands = [
    { rating: 'good', from: 0, to: vital.good },
    { rating: 'needs-improvement', from: vital.good, to: vital.fair },
    { rating: 'poor', from: vital.fair, to: Infinity },
  ];
  return (
    <>
      {bands.filter(({ from }) => from < axis.max).map(({ rating, from, to }) => {
        const top = y(Math.min(to, axis.max));
        return (
          <g key={rating} class="band" data-rating={rating}>
            <rect x={MARGIN.left} y={top} width={width - MARGIN.left - MARGIN.right} height={y(from) - top} />
            <rect class="edge" x={width - MARGIN.right} y={top} width={3} height={y(from) - top} />
          </g>
        );
      })}
    </>
  );
}

/** A line with gaps where nothing was measured; dashed where there are too few samples. */
export function Line({ plot: { series, x, y } }: { plot: Plot }) {
  const middle = series.width / 2;
  const place = (point: { time: number; value: number }) => `${x(point.time + middle).toFixed(1)},${atMostTop(y(point.value)).toFixed(1)}`;
  return (
    <g class="line">
      {toStrokes(series.points).map(({ points, thin }) => {
        const first = points[0]!;
        const className = thin ? 'thin' : undefined;
        if (points.length > 1) return <path key={first.time} class={className} d={`M${points.map(place).join('L')}`} />;
        return <circle key={first.time} class={className} cx={x(first.time + middle)} cy={atMostTop(y(first.value))} r={1.8} />;
      })}
    </g>
  );
}

/** One bar a bucket; a bucket of which only a part was asked for is drawn lighter. */
export function Bars({ plot: { series, x, y } }: { plot: Plot }) {
  const step = x(series.start + series.width) - x(series.start);
  const gap = step > 5 ? 1.5 : step > 2.5 ? 0.6 : 0;
  return (
    <g class="bars">
      {series.points.filter(({ value }) => value).map((point) => {
        const height = Math.max(y(0) - y(point.value!), 1);
        return (
          <rect
            key={point.time}
            class={isPartial(point, series) ? 'partial' : undefined}
            x={x(point.time)}
            y={y(0) - height}
            width={Math.max(step - gap, 0.8)}
            height={height}
          />
        );
      })}
    </g>
  );
}

/** The line under the pointer, with the value's dot. */
export function CursorMark({ plot, point }: { plot: Plot; point: Point }) {
  const at = plot.x(point.time + plot.series.width / 2);
  return (
    <g class="cursor">
      <line x1={at} x2={at} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
      {point.value !== null && plot.options.mark === 'line' && <circle cx={at} cy={atMostTop(plot.y(point.value))} r={3.5} />}
    </g>
  );
}

/** The bucket at a distance from the chart's left edge. */
export function pointAt(series: Series, width: number, left: number): Point | undefined {
  const time = linear(MARGIN.left, width - MARGIN.right, series.start, series.end)(left);
  const index = Math.floor((time - (series.points[0]?.time ?? 0)) / series.width);
  return series.points[clamp(index, 0, series.points.length - 1)];
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/** Keeps what lies above the axis, such as a thin bucket's outlier, at its upper edge. */
function atMostTop(y: number): number {
  return Math.max(y, MARGIN.top - 4);
}

function formatTick(options: TimeseriesOptions, tick: number): string {
  if (options.unit === 'bytes') return formatBytes(tick);
  if (options.unit === 'ms') return formatAxisDuration(tick);
  if (!options.vital) return formatCompact(tick);
  return VITALS[options.vital].unit === 'ms' ? formatAxisDuration(tick) : String(tick);
}

function isMidnight(time: number): boolean {
  const date = new Date(time);
  return date.getHours() === 0 && date.getMinutes() === 0;
}
