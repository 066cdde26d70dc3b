/** The parts of a whole over time: each bucket is 100 %, and each part a stretch of it. */

import { useMemo, useRef, useState } from 'preact/hooks';

import { useCursor } from '../charts/cursor';
import { HEIGHT, MARGIN, MarkerLines, TimeLabels, clamp, pointAt } from '../charts/plot';
import { linear } from '../charts/scale';
import type { Series } from '../charts/series';
import { toSeries } from '../charts/series';
import { formatPercent } from '../charts/units';
import { formatCount, formatMinute, formatShares } from '../format';
import type { Answer, SharesOptions } from '../types';
import { useWidth } from '../ui/useWidth';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { SheetTable, numberColumn, timeColumn } from './sheet';

interface Shown {
  parts: readonly Series[];
  options: SharesOptions;
  context: PanelContext;
}

export function SharesPanel({ data, options, context }: PanelProps<Answer, SharesOptions>) {
  const [table, setTable] = useState(false);
  const parts = useMemo(() => options.parts.map(({ key }) => toSeries(data, key)), [data, options]);
  const totals = options.parts.map(({ key }) => Number(data.results[0]?.data[key] ?? 0));
  const shares = formatShares(totals);
  const isEmpty = totals.every((total) => total === 0);
  return (
    <Frame
      id={options.id}
      kind="timeseries"
      title={options.title}
      note={options.note}
      aside={!isEmpty && <Readout parts={parts} options={options} context={context} />}
      summary={`${options.title}: ${isEmpty ? 'nothing measured' : options.parts.map(({ title }, index) => `${title} ${shares[index]}`).join(', ')}.`}
      menu={{ context, options, data, sheet: () => toSheet(parts, options) }}
      table={{ shown: table, onToggle: () => setTable(!table) }}
    >
      {isEmpty ? (
        <p class="panel-empty">Nothing was measured.</p>
      ) : table ? (
        <SheetTable name={options.title} sheet={toSheet(parts, options)} />
      ) : (
        <>
          <Chart parts={parts} options={options} context={context} />
          <ul class="legend share-legend">
            {options.parts.map(({ key, title, rating }, index) => (
              <li key={key} data-rating={rating} data-series={rating ? undefined : index}>{title} {shares[index]}</li>
            ))}
          </ul>
        </>
      )}
    </Frame>
  );
}

function Chart({ parts, options, context }: Shown) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const [spoken, setSpoken] = useState('');
  const series = parts[0]!;
  const x = linear(series.start, series.end, MARGIN.left, width - MARGIN.right);
  const y = linear(0, 1, HEIGHT - MARGIN.bottom, MARGIN.top);
  const step = x(series.start + series.width) - x(series.start);
  const at = (event: PointerEvent) => pointAt(series, width, event.clientX - root.current!.getBoundingClientRect().left)?.time ?? null;
  const press = (event: KeyboardEvent) => {
    const now = series.points.findIndex(({ time }) => time === context.cursor.get());
    const last = series.points.length - 1;
    const next = { ArrowLeft: now < 0 ? last : now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const index = clamp(next, 0, last);
    context.cursor.set(series.points[index]!.time);
    setSpoken([formatMinute(series.points[index]!.time), ...describeAt(parts, options, index)].join(', '));
  };
  return (
    <div
      ref={root}
      class="chart"
      role="group"
      tabIndex={0}
      aria-label={`${options.title}: chart. The arrow keys read the shares.`}
      onPointerMove={(event) => context.cursor.set(at(event))}
      onPointerLeave={() => context.cursor.set(null)}
      onBlur={() => context.cursor.set(null)}
      onKeyDown={press}
    >
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <g class="stacks">
            {series.points.map(({ time }, index) => {
              const counts = parts.map(({ points }) => points[index]!.value ?? 0);
              const total = counts.reduce((sum, count) => sum + count, 0);
              let below = 0;
              return counts.map((count, part) => {
                if (count === 0) return null;
                const from = below / total;
                below += count;
                const { key, rating } = options.parts[part]!;
                return (
                  <rect
                    key={`${time} ${key}`}
                    data-rating={rating}
                    data-series={rating ? undefined : part}
                    x={x(time)}
                    width={Math.max(step - (step > 5 ? 1 : 0), 0.8)}
                    y={y(below / total)}
                    height={y(from) - y(below / total)}
                  />
                );
              });
            })}
          </g>
          <g class="grid">
            {[0, 0.5, 1].map((tick) => (
              <g key={tick}>
                <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} class={tick === 0 ? 'base' : undefined} />
                <text x={MARGIN.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">{formatPercent(tick)}</text>
              </g>
            ))}
            <TimeLabels plot={{ series, width, x }} />
          </g>
          <MarkerLines plot={{ series, x }} markers={context.markers} />
          <Cursor series={series} x={x} context={context} />
        </svg>
      )}
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

function Cursor({ series, x, context }: { series: Series; x: (time: number) => number; context: PanelContext }) {
  const time = useCursor(context.cursor);
  if (time === null || !series.points.some((point) => point.time === time)) return null;
  const at = x(time + series.width / 2);
  return <g class="cursor"><line x1={at} x2={at} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} /></g>;
}

function Readout({ parts, options, context }: Shown) {
  const time = useCursor(context.cursor);
  const index = parts[0]!.points.findIndex((point) => point.time === time);
  if (index < 0) return <p class="readout" />;
  return <p class="readout"><span>{formatMinute(time!)}</span><strong>{describeAt(parts, options, index).join(', ')}</strong></p>;
}

function describeAt(parts: readonly Series[], options: SharesOptions, index: number): string[] {
  const counts = parts.map(({ points }) => points[index]!.value ?? 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return ['no samples'];
  const shares = formatShares(counts);
  return [...options.parts.map(({ title }, part) => `${title} ${shares[part]}`), `n ${formatCount(total)}`];
}

function toSheet(parts: readonly Series[], options: SharesOptions): Sheet {
  return {
    columns: [timeColumn('From'), ...options.parts.map(({ title }) => numberColumn(title))],
    rows: parts[0]!.points.map(({ time }, index) => [time, ...parts.map(({ points }) => points[index]!.value ?? 0)]),
  };
}
