/** A rate by ranges of a value: what share of the sessions of each range did something, and how sure that is. */

import { useState } from 'preact/hooks';

import { useReading } from '../charts/reading';
import { linear, niceTicks } from '../charts/scale';
import { formatPercent, formatTick } from '../charts/units';
import { ValueGrid } from '../charts/valueGrid';
import { formatCount } from '../format';
import type { Answer, ImpactOptions, Row } from '../types';
import { RATED_FROM, RATINGS, VITALS, rate } from '../vitals';
import { Frame } from './frame';
import type { PanelProps } from './panel';
import type { Sheet } from './sheet';
import { SheetTable, numberColumn, textColumn } from './sheet';

const HEIGHT = 220;
const MARGIN = { top: 12, right: 12, bottom: 22, left: 46 };
/** How much of the height the bars take, behind the rates. */
const BARS = 0.35;
/** Of the normal distribution: 95 % lie within so many standard deviations. */
const Z = 1.959964;

/** One range: from its lower end up to the upper one, either of which may be open. */
export interface Bucket {
  from: number;
  to: number;
  total: number;
  part: number;
  /** A share of 1, and its 95 % interval. */
  rate: number;
  low: number;
  high: number;
}

export function ImpactPanel({ data, options, context }: PanelProps<Answer, ImpactOptions>) {
  const [table, setTable] = useState(false);
  const [cursor, setCursor] = useState<number | null>(null);
  const buckets = toBuckets(data.results.map((result) => result.data), options);
  const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
  const read = cursor === null || !buckets[cursor] ? null : describe(options, buckets[cursor]!);
  return (
    <Frame
      id={options.id}
      kind="histogram"
      title={options.title}
      note={options.note}
      aside={<p class="readout">{read ?? (total > 0 && `${formatCount(total)} sessions`)}</p>}
      summary={`${options.title}: ${buckets.length === 0 ? 'nothing measured' : buckets.map((bucket) => describe(options, bucket)).join('; ')}.`}
      menu={{ context, options, data, sheet: () => toSheet(options, buckets) }}
      table={{ shown: table, onToggle: () => setTable(!table) }}
    >
      {buckets.length === 0 ? (
        <p class="panel-empty">No session was measured. Sessions are counted where the site has switched on session.id.</p>
      ) : table ? (
        <SheetTable name={options.title} sheet={toSheet(options, buckets)} />
      ) : (
        <Chart options={options} buckets={buckets} cursor={cursor} onCursor={setCursor} spoken={read} />
      )}
    </Frame>
  );
}

interface ChartProps {
  options: ImpactOptions;
  buckets: readonly Bucket[];
  cursor: number | null;
  onCursor: (bucket: number | null) => void;
  spoken: string | null;
}

function Chart({ options, buckets, cursor, onCursor, spoken }: ChartProps) {
  const { reader, width } = useReading({ count: buckets.length, margin: MARGIN, cursor, onCursor });
  return (
    <div {...reader} class="chart" aria-label={`${options.title}: chart. The arrow keys read the ranges.`}>
      <div style={{ height: `${HEIGHT}px` }}>{width > 0 && <Plot options={options} buckets={buckets} width={width} cursor={cursor} />}</div>
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

function Plot({ options, buckets, width, cursor }: Pick<ChartProps, 'options' | 'buckets' | 'cursor'> & { width: number }) {
  const x = linear(0, buckets.length, MARGIN.left, width - MARGIN.right);
  const sure = buckets.filter(({ total }) => total >= RATED_FROM);
  const top = Math.min(1, Math.max(...sure.map(({ high }) => high), 0.01) * 1.08);
  const floor = HEIGHT - MARGIN.bottom;
  const y = linear(0, top, floor, MARGIN.top);
  const most = Math.max(...buckets.map(({ total }) => total), 1);
  const bar = linear(0, most, 0, (floor - MARGIN.top) * BARS);
  const middle = (index: number) => (x(index) + x(index + 1)) / 2;
  const points = buckets.flatMap((bucket, index) => (bucket.total < RATED_FROM ? [] : { bucket, index, at: middle(index) }));
  const isGap = (place: number) => points[place - 1]?.index !== points[place]!.index - 1;
  const every = Math.ceil((52 * buckets.length) / Math.max(width - MARGIN.left - MARGIN.right, 1));
  return (
    <svg width={width} height={HEIGHT} aria-hidden="true">
      <g class="grid">
        <ValueGrid ticks={niceTicks(top, 3)} y={y} left={MARGIN.left} right={width - MARGIN.right} format={formatPercent} />
        {buckets.map(({ from }, index) => index % every === 0 && Number.isFinite(from) && (
          <text key={index} x={x(index)} y={HEIGHT - 5} text-anchor="middle">{formatTick(options, from)}</text>
        ))}
      </g>
      <g class="cell-bars impact-bars">
        {buckets.map(({ from, total }, index) => (
          <rect
            key={index}
            data-rating={options.vital ? ratingOf(options, from) : undefined}
            data-read={cursor === index}
            x={x(index) + 1}
            width={Math.max(x(index + 1) - x(index) - 2, 1)}
            y={floor - bar(total)}
            height={bar(total)}
          />
        ))}
      </g>
      <g class="impact">
        <path d={points.map(({ bucket, at }, place) => `${isGap(place) ? 'M' : 'L'}${at} ${y(bucket.rate)}`).join('')} />
        {points.map(({ bucket, at }) => <line key={at} x1={at} x2={at} y1={y(Math.min(bucket.high, top))} y2={y(bucket.low)} />)}
        {points.map(({ bucket, at }) => <circle key={at} cx={at} cy={y(bucket.rate)} r="3.5" />)}
      </g>
    </svg>
  );
}

/** The band in which a range lies by its lower end. */
function ratingOf({ vital }: ImpactOptions, from: number) {
  return Number.isFinite(from) ? rate(VITALS[vital!], from + 1e-9) : RATINGS[0];
}

/** The ranges in their order; `BUCKET` writes them as `500 - 1000`, `< 0` and `>= 6000`. */
export function toBuckets(rows: readonly Row[], { bucket, total, part }: Pick<ImpactOptions, 'bucket' | 'total' | 'part'>): Bucket[] {
  const found = rows.flatMap((row): Bucket[] => {
    const [from, to] = readRange(String(row[bucket] ?? ''));
    const [all, some] = [Number(row[total] ?? 0), Number(row[part] ?? 0)];
    return Number.isNaN(from) || all <= 0 ? [] : [{ from, to, total: all, part: some, rate: some / all, ...wilson(some, all) }];
  });
  return found.sort((a, b) => a.from - b.from);
}

function readRange(text: string): [number, number] {
  const numbers = text.match(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)?.map(Number) ?? [];
  if (text.startsWith('<')) return [-Infinity, numbers[0] ?? NaN];
  if (text.startsWith('>')) return [numbers[0] ?? NaN, Infinity];
  return [numbers[0] ?? NaN, Math.abs(numbers[1] ?? NaN)];
}

/** The 95 % interval of a share: Wilson's, which holds for few events, and for shares near 0 and 1. */
export function wilson(part: number, total: number): { low: number; high: number } {
  const share = part / total;
  const middle = (share + Z ** 2 / (2 * total)) / (1 + Z ** 2 / total);
  const reach = (Z / (1 + Z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

function describe(options: ImpactOptions, { from, to, total, rate: share, low, high }: Bucket): string {
  const range = !Number.isFinite(to) ? `from ${formatTick(options, from)}` : `${Number.isFinite(from) ? formatTick(options, from) : '…'} – ${formatTick(options, to)}`;
  if (total < RATED_FROM) return `${range}: too few, n ${formatCount(total)}`;
  return `${range}: ${formatPercent(share)} (${formatPercent(low)} – ${formatPercent(high)}), n ${formatCount(total)}`;
}

function toSheet(options: ImpactOptions, buckets: readonly Bucket[]): Sheet {
  const open = (value: number) => (Number.isFinite(value) ? value : null);
  const share = { unit: 'share' as const };
  return {
    columns: [
      numberColumn('From', options), numberColumn('To', options), numberColumn('Sessions'), numberColumn('Of them'), numberColumn('Rate', share),
      numberColumn('Low', share), numberColumn('High', share), textColumn('Sure'),
    ],
    rows: buckets.map(({ from, to, total, part, rate: of, low, high }) => [open(from), open(to), total, part, of, low, high, total < RATED_FROM ? 'too few' : '']),
  };
}
