/** One value over time, with a cursor that all charts of the page share, and the table of its values. */

import { useMemo, useRef, useState } from 'preact/hooks';

import { useCursor } from '../charts/cursor';
import { Bars, CursorMark, Grid, HEIGHT, Line, clamp, layOut, pointAt } from '../charts/plot';
import type { Plot } from '../charts/plot';
import type { Point, Series } from '../charts/series';
import { isThin, toSeries } from '../charts/series';
import { formatCount, formatField, formatMinute, formatVital } from '../format';
import type { Answer, TimeseriesOptions } from '../types';
import { RatedValue } from '../ui/rating';
import { useWidth } from '../ui/useWidth';
import { RATING_WORDS, VITALS, describeSamples, rate, rateSampled } from '../vitals';
import { Frame, TableToggle } from './frame';
import type { PanelContext, PanelProps } from './panel';

interface PartProps {
  series: Series;
  options: TimeseriesOptions;
  context: PanelContext;
}

export function TimeseriesPanel({ data, options, context }: PanelProps<Answer, TimeseriesOptions>) {
  const [table, setTable] = useState(false);
  const series = useMemo(() => toSeries(data, options.value, options.count), [data, options]);
  return (
    <Frame
      id={options.id}
      kind="timeseries"
      title={options.title}
      note={options.note}
      aside={
        <>
          <Readout series={series} options={options} context={context} />
          <TableToggle title={options.title} table={table} onToggle={() => setTable(!table)} />
        </>
      }
      summary={summarise(options, series)}
    >
      {table ? <SeriesTable series={series} options={options} /> : <Chart series={series} options={options} context={context} />}
    </Frame>
  );
}

function Chart({ series, options, context }: PartProps) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const [spoken, setSpoken] = useState('');
  const plot = useMemo(() => layOut(series, options, width), [series, options, width]);
  const follow = (event: PointerEvent) => {
    const left = event.clientX - root.current!.getBoundingClientRect().left;
    context.cursor.set(pointAt(series, width, left)?.time ?? null);
  };
  const leave = () => context.cursor.set(null);
  const step = (event: KeyboardEvent) => {
    const point = nextPoint(event.key, series.points, context.cursor.get());
    if (event.key === 'Escape') leave();
    if (!point) return;
    event.preventDefault();
    context.cursor.set(point.time);
    setSpoken(describePoint(options, point));
  };
  return (
    <div
      ref={root}
      class="chart"
      role="group"
      tabIndex={0}
      aria-label={`${options.title}: chart. The arrow keys read the values.`}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={leave}
      onBlur={leave}
      onKeyDown={step}
    >
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Grid plot={plot} />
          {options.mark === 'bars' ? <Bars plot={plot} /> : <Line plot={plot} />}
          <ChartCursor plot={plot} context={context} />
        </svg>
      )}
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

/** Apart from the chart, so that a moving pointer draws nothing else again. */
function ChartCursor({ plot, context }: { plot: Plot; context: PanelContext }) {
  const point = usePoint(plot.series, context);
  return point ? <CursorMark plot={plot} point={point} /> : null;
}

/** The value under the cursor, beside the title. */
function Readout({ series, options, context }: PartProps) {
  const point = usePoint(series, context);
  if (!point) return <p class="readout" />;
  return (
    <p class="readout">
      <span>{formatMinute(point.time)}</span>
      {options.count && <span class="readout-samples">n&nbsp;{formatCount(point.samples ?? 0)}</span>}
      <strong><RatedValue text={formatPoint(options, point)} rating={ratePoint(options, point)} /></strong>
    </p>
  );
}

function SeriesTable({ series, options }: Omit<PartProps, 'context'>) {
  return (
    <div class="series-table" tabIndex={0} role="region" aria-label={`${options.title}: table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" class="number">{options.title}</th>
            {options.count && <th scope="col" class="number">Samples</th>}
          </tr>
        </thead>
        <tbody>
          {series.points.map((point) => (
            <tr key={point.time}>
              <td>{formatMinute(point.time)}</td>
              <td class="number"><RatedValue text={formatPoint(options, point)} rating={ratePoint(options, point)} /></td>
              {options.count && <td class="number">{formatCount(point.samples ?? 0)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function usePoint(series: Series, context: PanelContext): Point | undefined {
  const time = useCursor(context.cursor);
  return time === null ? undefined : series.points.find((point) => point.time === time);
}

function nextPoint(key: string, points: Point[], time: number | null): Point | undefined {
  const now = points.findIndex((point) => point.time === time);
  const last = points.length - 1;
  const next = { ArrowLeft: now < 0 ? last : now - 1, ArrowRight: now < 0 ? 0 : now + 1, Home: 0, End: last }[key];
  return next === undefined ? undefined : points[clamp(next, 0, last)];
}

function formatPoint(options: TimeseriesOptions, point: Point): string {
  return options.vital ? formatVital(options.vital, point.value) : write(options, point.value ?? 0);
}

/** Writes what is no vital, in the unit that the definition names. */
function write(options: TimeseriesOptions, value: number): string {
  return options.unit ? formatField(value, { type: 'number', unit: options.unit }) : formatCount(value);
}

function ratePoint(options: TimeseriesOptions, point: Point) {
  return options.vital ? rateSampled(VITALS[options.vital], point.value, point.samples ?? Infinity) : null;
}

function describePoint(options: TimeseriesOptions, point: Point): string {
  const rating = ratePoint(options, point);
  const verdict = rating ? RATING_WORDS[rating] : point.samples === null ? '' : describeSamples(point.samples);
  return [formatMinute(point.time), formatPoint(options, point), verdict].filter(Boolean).join(', ');
}

function summarise(options: TimeseriesOptions, series: Series): string {
  const values = series.points.filter((point) => point.value !== null && !isThin(point)).map((point) => point.value!);
  if (values.length === 0) return `${options.title} over time: too few samples.`;
  const [low, high, latest] = [Math.min(...values), Math.max(...values), values.at(-1)!];
  if (!options.vital) return `${options.title} over time: from ${write(options, low)} to ${write(options, high)} a bucket.`;
  const say = (value: number) => formatVital(options.vital!, value);
  const rating = RATING_WORDS[rate(VITALS[options.vital], latest)];
  return `${options.title} over time: from ${say(low)} to ${say(high)}, lately ${say(latest)}, ${rating}.`;
}
