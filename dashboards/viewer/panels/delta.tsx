/** How far percentiles of two groups are apart: a row each, with the difference, its interval and a verdict. */

import { formatMeasured, formatPercent } from '../charts/units';
import { formatCount, harmless, quoted } from '../format';
import type { Answer, DeltaOptions, DeltaPair } from '../types';
import styles from '../styles/later/delta.css';
import { adopt } from '../ui/adopt';
import { RatedValue } from '../ui/rating';
import { VITALS, isRated, rateSampled } from '../vitals';
import { Frame } from './frame';
import type { Difference, Side } from './interval';
import { differenceOf } from './interval';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { numberColumn, textColumn } from './sheet';

adopt(styles);

interface Compared {
  pair: DeltaPair;
  a: Side;
  b: Side;
  difference: Difference | null;
}

/** The widest difference that is drawn in full: an interval from half as much again. */
const LEAST_REACH = 0.1;

export function DeltaPanel({ data, options, context }: PanelProps<Answer, DeltaOptions>) {
  const rows = options.pairs.map((pair) => compare(data, pair));
  const reach = Math.max(LEAST_REACH, ...rows.flatMap(({ a, difference }) => reachOf(a, difference)));
  const rated = (key: string) => isRated(opOf(key, context));
  return (
    <Frame
      id={options.id}
      kind="table"
      title={options.title}
      note={options.note}
      summary={`${options.title}: ${rows.map((row) => describe(row, options)).join('; ')}.`}
      menu={{ context, options, data, sheet: () => toSheet(options, rows) }}
    >
      <dl class="delta-sides">
        <div data-series="0"><dt>A</dt><dd>{harmless(options.a)}</dd></div>
        <div data-series="1"><dt>B</dt><dd>{harmless(options.b)}</dd></div>
      </dl>
      <div class="table-scroll" role="region" aria-label={options.title} tabIndex={0}>
        <table class="data delta" role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th scope="col" role="columnheader">Value</th>
              <th scope="col" role="columnheader" class="number">A</th>
              <th scope="col" role="columnheader" class="number">B</th>
              <th scope="col" role="columnheader" class="number">B − A</th>
              <th scope="col" role="columnheader" class="number">95 % interval</th>
              <th scope="col" role="columnheader" class="delta-plot">lower ← than A → higher</th>
              <th scope="col" role="columnheader">Verdict</th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <tr key={row.pair.title} role="row">
                <td role="cell" class="main">{row.pair.title}</td>
                <td role="cell" class="number" data-title="A"><Value side={row.a} pair={row.pair} rated={rated(row.pair.a)} /></td>
                <td role="cell" class="number" data-title="B"><Value side={row.b} pair={row.pair} rated={rated(row.pair.b)} /></td>
                <td role="cell" class="number" data-title="B − A">{row.difference ? writeChange(row.pair, row.difference.value) : '–'}</td>
                <td role="cell" class="number delta-interval" data-title="95 % interval">{writeInterval(row)}</td>
                <td role="cell" class="delta-plot" data-title="Difference"><Whisker row={row} reach={reach} /></td>
                <td role="cell" data-title="Verdict">{verdictOf(row)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Frame>
  );
}

function Value({ side, pair, rated }: { side: Side; pair: DeltaPair; rated: boolean }) {
  const rating = rated && pair.vital ? rateSampled(VITALS[pair.vital], side.value, side.samples) : null;
  return (
    <span class="vital-cell">
      <small>n&nbsp;{formatCount(side.samples)}</small>
      <RatedValue text={formatMeasured(pair, side.value)} rating={rating} />
    </span>
  );
}

/** The interval of the difference as a share of A, on one scale for all rows; the line in the middle is no difference. */
function Whisker({ row: { a, difference }, reach }: { row: Compared; reach: number }) {
  if (!difference || !a.value || Number.isNaN(difference.low)) return null;
  const x = (value: number) => 100 + (Math.max(-1, Math.min(1, value / a.value! / reach))) * 96;
  return (
    <svg class="whisker" viewBox="0 0 200 16" width="200" height="16" aria-hidden="true" data-verdict={difference.verdict}>
      <line class="zero" x1="100" x2="100" y1="0" y2="16" />
      <line x1={x(difference.low)} x2={x(difference.high)} y1="8" y2="8" />
      <circle cx={x(difference.value)} cy="8" r="3.5" />
    </svg>
  );
}

function compare({ results }: Answer, pair: DeltaPair): Compared {
  const side = (key: string, count: string): Side => {
    const value = results[0]?.data[key];
    const samples = results[0]?.data[count];
    return {
      value: typeof value === 'number' ? value : null,
      interval: results[0]?.intervals?.[key] ?? null,
      samples: typeof samples === 'number' ? samples : 0,
    };
  };
  const [a, b] = [side(pair.a, pair.a_count), side(pair.b, pair.b_count)];
  return { pair, a, b, difference: differenceOf(a, b) };
}

function reachOf({ value }: Side, difference: Difference | null): number[] {
  if (!difference || !value || Number.isNaN(difference.low)) return [];
  return [Math.abs(difference.low / value), Math.abs(difference.high / value)].map((share) => Math.min(share, 1));
}

/** What a key is calculated by: only p75 is rated. */
function opOf(key: string, { request }: PanelContext): string {
  return request?.calculations.find(({ name }) => name === key)?.op ?? key;
}

function writeChange(pair: DeltaPair, value: number): string {
  const text = formatMeasured(pair, Math.abs(value));
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

function writeInterval({ pair, difference }: Compared): string {
  if (!difference || Number.isNaN(difference.low)) return '–';
  return `${writeChange(pair, difference.low)} … ${writeChange(pair, difference.high)}`;
}

/** Of a vital less is better, whatever it measures. */
function verdictOf({ pair, a, difference }: Compared): string {
  if (!difference) return 'nothing measured';
  if (difference.verdict === 'too few') return 'too few samples';
  if (difference.verdict === 'no clear difference') return difference.verdict;
  const share = a.value ? ` by ${formatPercent(Math.abs(difference.value / a.value))}` : '';
  const word = pair.vital ? (difference.verdict === 'higher' ? 'worse' : 'better') : difference.verdict;
  return `B is ${word}${share}`;
}

function describe(row: Compared, options: DeltaOptions): string {
  const { pair, a, b } = row;
  const sides = `A (${quoted(options.a)}) ${formatMeasured(pair, a.value)}, B (${quoted(options.b)}) ${formatMeasured(pair, b.value)}`;
  return `${pair.title}: ${sides}, ${verdictOf(row)}`;
}

function toSheet(options: DeltaOptions, rows: readonly Compared[]): Sheet {
  const columns = ['Samples of A', 'B', 'Samples of B', 'B − A', 'Low', 'High'].map((title) => numberColumn(title));
  const number = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);
  return {
    columns: [textColumn('Value'), textColumn('A is'), textColumn('B is'), numberColumn('A'), ...columns, textColumn('Verdict')],
    rows: rows.map((row) => [
      row.pair.title, options.a, options.b, row.a.value, row.a.samples, row.b.value, row.b.samples,
      number(row.difference?.value), number(row.difference?.low), number(row.difference?.high), verdictOf(row),
    ]),
  };
}
