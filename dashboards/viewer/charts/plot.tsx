/** Draws values over time: bands, grid, lines or bars, markers and the cursor. Geometry only; the panel around it talks. */

import { formatClock, formatDay } from '../format';
import type { Marker, TimeseriesOptions } from '../types';
import { VITALS } from '../vitals';
import type { Axis, Scale } from './scale';
import { countAxis, durationAxis, linear, shareAxis, timeTicks, vitalAxis } from './scale';
import type { Curve, Point, Series } from './series';
import { isPartial, largest, toStrokes } from './series';
import { formatTick } from './units';
import { ValueGrid } from './valueGrid';

export const HEIGHT = 160;
export const MARGIN = { top: 8, right: 8, bottom: 22, left: 46 };

type Options = Pick<TimeseriesOptions, 'mark' | 'vital' | 'unit'>;

export interface Plot {
  options: Options;
  curves: readonly Curve[];
  /** The line of an earlier time, to compare with. */
  past: Series | null;
  /** What all curves share: from when to when, and the width of a bucket. */
  series: Series;
  axis: Axis;
  x: Scale;
  y: Scale;
  width: number;
}

/** Counts have no values between whole numbers; what a formula gives may. */
function isWhole(curves: readonly Curve[]): boolean {
  return curves.every(({ series }) => series.points.every(({ value }) => value === null || Number.isInteger(value)));
}

/** Fits curves into a width: axis and scales. There is at least one. */
export function layOut(curves: readonly Curve[], past: Series | null, options: Options, width: number): Plot {
  const all = past ? [...curves.map((curve) => curve.series), past] : curves.map((curve) => curve.series);
  const max = Math.max(...all.map(({ points }) => largest(points)));
  const axis = options.vital ? vitalAxis(VITALS[options.vital], max) : options.unit === 'share' ? shareAxis(max) : options.unit === 'ms' ? durationAxis(max) : countAxis(max, !options.unit && isWhole(curves));
  const series = curves[0]!.series;
  return {
    options,
    curves,
    past,
    series,
    axis,
    width,
    x: linear(series.start, series.end, MARGIN.left, width - MARGIN.right),
    y: linear(0, axis.max, HEIGHT - MARGIN.bottom, MARGIN.top),
  };
}

/** The lines and labels of both axes, over the bands where there are any. */
export function Grid({ plot }: { plot: Plot }) {
  const { axis, width, y, options } = plot;
  return (
    <g class="grid">
      {options.vital && <Bands plot={plot} />}
      <ValueGrid ticks={axis.ticks} y={y} left={MARGIN.left} right={width - MARGIN.right} format={(tick) => formatTick(options, tick)} />
      <TimeLabels plot={plot} />
    </g>
  );
}

export function TimeLabels({ plot: { series, width, x } }: { plot: Pick<Plot, 'series' | 'width' | 'x'> }) {
  const { times, days } = timeTicks(series.start, series.end, Math.max(2, Math.floor(width / 84)));
  return (
    <>
      {times.map((time) => (
        <text key={time} x={clamp(x(time), MARGIN.left + 14, width - 22)} y={HEIGHT - 5} text-anchor="middle">
          {days || isMidnight(time) ? formatDay(time) : formatClock(time)}
        </text>
      ))}
    </>
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

/** Lines with gaps where nothing was measured; dashed where there are too few samples. */
export function Lines({ plot }: { plot: Plot }) {
  return (
    <>
      {plot.past && <g class="past"><Line plot={plot} series={plot.past} /></g>}
      {plot.curves.map((curve, index) => (
        <g key={index} data-series={plot.curves.length > 1 ? index : undefined}><Line plot={plot} series={curve.series} /></g>
      ))}
    </>
  );
}

function Line({ plot: { x, y }, series }: { plot: Plot; series: Series }) {
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
export function Bars({ plot: { series, past, x, y } }: { plot: Plot }) {
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
      {past && (
        <path
          class="past-steps"
          d={past.points.map(({ time, value }, index) => `${index ? 'L' : 'M'}${x(time)},${y(value ?? 0)}H${x(time + past.width)}`).join('')}
        />
      )}
    </g>
  );
}

/** The line under the pointer, with a dot on every curve. */
export function CursorMark({ plot, time }: { plot: Plot; time: number }) {
  const at = plot.x(time + plot.series.width / 2);
  return (
    <g class="cursor">
      <line x1={at} x2={at} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
      {(plot.options.mark === 'line' || plot.curves.length > 1) && plot.curves.map(({ series }, index) => {
        const value = series.points.find((point) => point.time === time)?.value;
        if (value === null || value === undefined) return null;
        return <circle key={index} data-series={plot.curves.length > 1 ? index : undefined} cx={at} cy={atMostTop(plot.y(value))} r={3.5} />;
      })}
    </g>
  );
}

/** What happened: a line with a flag, or a stretch of time. */
export function MarkerLines({ plot: { series, x }, markers }: { plot: Pick<Plot, 'series' | 'x'>; markers: readonly Marker[] }) {
  return (
    <>
      {markers.filter(({ start_time }) => start_time * 1000 >= series.start && start_time * 1000 < series.end).map(({ id, start_time, end_time }) => {
        const at = x(start_time * 1000);
        const end = end_time ? x(Math.min(end_time * 1000, series.end)) : at;
        return (
          <g key={id} class="marker">
            {end > at + 1 && <rect x={at} y={MARGIN.top} width={end - at} height={HEIGHT - MARGIN.bottom - MARGIN.top} />}
            <line x1={at} x2={at} y1={2} y2={HEIGHT - MARGIN.bottom} />
            <path d={`M${at},1h6l-2,3l2,3h-6z`} />
          </g>
        );
      })}
    </>
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

function isMidnight(time: number): boolean {
  const date = new Date(time);
  return date.getHours() === 0 && date.getMinutes() === 0;
}
