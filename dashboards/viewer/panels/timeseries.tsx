/** Values over time, with a cursor that all charts of the page share, a stretch to zoom into, and the table of the values. */

import { useMemo, useRef, useState } from 'preact/hooks';

import { useCursor } from '../charts/cursor';
import { useDrag } from '../charts/drag';
import { Bars, CursorMark, Grid, HEIGHT, Lines, MARGIN, MarkerLines, clamp, layOut, pointAt } from '../charts/plot';
import type { Plot } from '../charts/plot';
import type { Curve, Point, Series } from '../charts/series';
import { isThin, toCurves, toPast } from '../charts/series';
import { formatMeasured } from '../charts/units';
import { formatCount, formatField, formatMinute, harmless, quoted } from '../format';
import type { Answer, Marker, Row, TimeseriesOptions } from '../types';
import { RatedValue } from '../ui/rating';
import { useWidth } from '../ui/useWidth';
import { RATING_WORDS, VITALS, describeSamples, isRated, rate, rateSampled } from '../vitals';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { SheetTable, numberColumn, timeColumn } from './sheet';

interface Shown {
  curves: readonly Curve[];
  past: Series | null;
  options: TimeseriesOptions;
  context: PanelContext;
}

export function TimeseriesPanel({ data, options, context }: PanelProps<Answer, TimeseriesOptions>) {
  const [table, setTable] = useState(false);
  const curves = useMemo(() => toCurves(data, options, context.breakdowns, (row) => nameGroup(row, context)), [data, options]);
  const past = useMemo(() => (curves.length === 1 && options.value ? toPast(data, options.value, options.count) : null), [data, options]);
  const shown: Shown = { curves, past, options, context };
  return (
    <Frame
      id={options.id}
      kind="timeseries"
      title={options.title}
      note={options.note}
      aside={curves.length > 0 && <Readout {...shown} />}
      summary={summarise(options, curves)}
      menu={{ context, options, data, sheet: () => toSheet(shown) }}
      table={{ shown: table, onToggle: () => setTable(!table) }}
    >
      {curves.length === 0 ? (
        <p class="panel-empty">Nothing was measured.</p>
      ) : table ? (
        <SheetTable name={options.title} sheet={toSheet(shown)} />
      ) : (
        <>
          <Chart {...shown} />
          {curves.length > 1 && <Legend {...shown} />}
        </>
      )}
    </Frame>
  );
}

function Chart({ curves, past, options, context }: Shown) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const [spoken, setSpoken] = useState('');
  const drag = useDrag();
  const [anchor, setAnchor] = useState<number | null>(null);
  const plot = useMemo(() => layOut(curves, past, options, width), [curves, past, options, width]);
  const { series } = plot;
  const at = (event: PointerEvent) => pointAt(series, width, event.clientX - root.current!.getBoundingClientRect().left)?.time ?? null;
  const leave = () => context.cursor.set(null);
  const zoom = (from: number, to: number) => {
    setAnchor(null);
    context.zoom(Math.min(from, to), Math.max(from, to) + series.width);
  };
  const press = (event: KeyboardEvent) => {
    const now = context.cursor.get();
    if (event.key === 'Escape') {
      setAnchor(null);
      leave();
    }
    if (event.key === 'Enter' && anchor !== null && now !== null) zoom(anchor, now);
    const point = nextPoint(event.key, series.points, now);
    if (!point) return;
    event.preventDefault();
    setAnchor(event.shiftKey ? (anchor ?? now ?? point.time) : null);
    context.cursor.set(point.time);
    const marker = markerAt(series, context, point.time);
    setSpoken([describe(options, curves, point.time), marker && quoted(marker.message)].filter(Boolean).join(', '));
  };
  return (
    <div
      ref={root}
      class="chart brush"
      role="group"
      tabIndex={0}
      aria-label={`${options.title}: chart. The arrow keys read the values; with Shift they select a time, which Enter shows.`}
      onPointerMove={(event) => context.cursor.set(at(event))}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        drag.begin(event);
        setAnchor(at(event));
        context.cursor.set(at(event));
      }}
      onPointerUp={(event) => {
        const to = at(event);
        if (anchor !== null && to !== null && anchor !== to && drag.hasDragged(event)) zoom(anchor, to);
        setAnchor(null);
      }}
      onPointerCancel={() => setAnchor(null)}
      onPointerLeave={leave}
      onBlur={leave}
      onKeyDown={press}
    >
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Grid plot={plot} />
          {options.mark === 'bars' && curves.length === 1 ? <Bars plot={plot} /> : <Lines plot={plot} />}
          <MarkerLines plot={plot} markers={context.markers} />
          <ChartCursor plot={plot} context={context} anchor={anchor} />
        </svg>
      )}
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

/** Apart from the chart, so that a moving pointer draws nothing else again. */
function ChartCursor({ plot, context, anchor }: { plot: Plot; context: PanelContext; anchor: number | null }) {
  const time = useTime(plot.series, context);
  if (time === null) return null;
  const [from, to] = [Math.min(anchor ?? time, time), Math.max(anchor ?? time, time)];
  return (
    <>
      {anchor !== null && (
        <rect
          class="brushed"
          x={plot.x(from)}
          y={MARGIN.top}
          width={plot.x(to + plot.series.width) - plot.x(from)}
          height={HEIGHT - MARGIN.top - MARGIN.bottom}
        />
      )}
      <CursorMark plot={plot} time={time} />
    </>
  );
}

/** The value under the cursor, beside the title; where there are several, the legend has them. */
function Readout({ curves, past, options, context }: Shown) {
  const series = curves[0]!.series;
  const time = useTime(series, context);
  if (time === null) return <p class="readout">{past && <span class="past-key">dashed: before</span>}</p>;
  const point = pointOf(series, time)!;
  const before = past && pointOf(past, time)?.value;
  const marker = markerAt(series, context, time);
  return (
    <p class="readout">
      {marker && <span class="marker-text">{harmless(marker.message)}</span>}
      <span>{formatMinute(time)}</span>
      {curves.length === 1 && (
        <>
          {options.count && <span class="readout-samples">n&nbsp;{formatCount(point.samples ?? 0)}</span>}
          {before !== null && before !== undefined && <span>before {write(options, before)}</span>}
          <strong><RatedValue text={writePoint(options, point)} rating={ratePoint(options, point)} /></strong>
        </>
      )}
    </p>
  );
}

/** The curves by name, with their values under the cursor. */
function Legend({ curves, options, context }: Shown) {
  const time = useTime(curves[0]!.series, context);
  return (
    <ul class="legend curve-legend">
      {curves.map(({ title, series }, index) => {
        const point = time === null ? undefined : pointOf(series, time);
        return <li key={index} data-series={index} title={title}><span>{title}</span>{point && <strong>{writePoint(options, point)}</strong>}</li>;
      })}
    </ul>
  );
}

function useTime(series: Series, context: PanelContext): number | null {
  const time = useCursor(context.cursor);
  return time !== null && pointOf(series, time) ? time : null;
}

function pointOf({ points }: Series, time: number): Point | undefined {
  return points.find((point) => point.time === time);
}

/** What happened in a bucket, or so near to it that its flag is under the pointer. */
function markerAt({ width }: Series, { markers }: PanelContext, time: number): Marker | undefined {
  const distance = ({ start_time }: Marker) => Math.abs(start_time * 1000 - (time + width / 2));
  return markers.filter((marker) => distance(marker) <= width * 1.5).sort((a, b) => distance(a) - distance(b))[0];
}

function nextPoint(key: string, points: Point[], time: number | null): Point | undefined {
  const now = points.findIndex((point) => point.time === time);
  const last = points.length - 1;
  const next = { ArrowLeft: now < 0 ? last : now - 1, ArrowRight: now < 0 ? 0 : now + 1, Home: 0, End: last }[key];
  return next === undefined ? undefined : points[clamp(next, 0, last)];
}

/** The values of a group's breakdowns, as its name. */
function nameGroup(row: Row, { breakdowns, field }: PanelContext): string {
  return breakdowns
    .map((name) => (row[name] === null || row[name] === undefined ? '(none)' : formatField(row[name], field(name) ?? { type: '', unit: '' })))
    .join(', ');
}

function write(options: TimeseriesOptions, value: number): string {
  return options.vital || options.unit ? formatMeasured(options, value) : formatCount(value);
}

function writePoint(options: TimeseriesOptions, { value }: Point): string {
  if (value === null && !options.vital && options.mark === 'bars') return formatCount(0);
  return value === null ? formatMeasured(options, null) : write(options, value);
}

function ratePoint({ vital, value }: TimeseriesOptions, point: Point) {
  return vital && isRated(value) ? rateSampled(VITALS[vital], point.value, point.samples ?? Infinity) : null;
}

function describe(options: TimeseriesOptions, curves: readonly Curve[], time: number): string {
  const said = curves.map(({ title, series }) => {
    const point = pointOf(series, time)!;
    const rating = ratePoint(options, point);
    const verdict = rating ? RATING_WORDS[rating] : point.samples === null ? '' : describeSamples(point.samples);
    return [curves.length > 1 ? `${title} ${writePoint(options, point)}` : writePoint(options, point), verdict].filter(Boolean).join(', ');
  });
  return [formatMinute(time), ...said].join(', ');
}

function summarise(options: TimeseriesOptions, curves: readonly Curve[]): string {
  if (curves.length > 1) return `${options.title} over time: ${curves.map((curve) => summariseCurve(options, curve)).join('; ')}.`;
  return curves[0] ? `${options.title} over time: ${summariseCurve(options, curves[0])}.` : `${options.title} over time: nothing measured.`;
}

function summariseCurve(options: TimeseriesOptions, { title, series }: Curve): string {
  const name = title === options.title ? '' : `${title} `;
  const values = series.points.filter((point) => point.value !== null && !isThin(point)).map((point) => point.value!);
  if (values.length === 0) return `${name}too few samples`;
  const [low, high, latest] = [Math.min(...values), Math.max(...values), values.at(-1)!];
  if (!options.vital) return `${name}from ${write(options, low)} to ${write(options, high)} a bucket`;
  const rating = isRated(options.value) ? `, ${RATING_WORDS[rate(VITALS[options.vital], latest)]}` : '';
  return `${name}from ${write(options, low)} to ${write(options, high)}, lately ${write(options, latest)}${rating}`;
}

function toSheet({ curves, past, options }: Shown): Sheet {
  const measured = { vital: options.vital, unit: options.unit };
  const counted = options.count !== undefined;
  const columns = curves.flatMap(({ title }) => [numberColumn(title, measured), ...(counted ? [numberColumn(curves.length > 1 ? `${title}: samples` : 'Samples')] : [])]);
  return {
    columns: [timeColumn('From'), ...columns, ...(past ? [numberColumn('Before', measured)] : [])],
    rows: (curves[0]?.series.points ?? []).map(({ time }, index) => [
      time,
      ...curves.flatMap(({ series: { points } }) => [points[index]!.value, ...(counted ? [points[index]!.samples] : [])]),
      ...(past ? [past.points[index]!.value] : []),
    ]),
  };
}
