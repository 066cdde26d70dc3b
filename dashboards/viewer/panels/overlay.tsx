/** The distributions of several groups, one over the other: each is drawn as shares of its own whole, so their sizes do not matter. */

import { useMemo, useState } from 'preact/hooks';

import { cellTicks, cellsOf, edgesOf, placeOf, zeroCell } from '../charts/cells';
import type { Overlay } from '../charts/distribution';
import { overlay } from '../charts/distribution';
import { useReading } from '../charts/reading';
import { linear, niceTicks } from '../charts/scale';
import { formatMeasured, formatPercent, formatTick } from '../charts/units';
import { ValueGrid } from '../charts/valueGrid';
import { formatCount, quoted } from '../format';
import type { Answer, OverlayOptions } from '../types';
import { VITALS } from '../vitals';
import { Frame } from './frame';
import type { PanelProps } from './panel';
import type { Sheet } from './sheet';
import { SheetTable, numberColumn } from './sheet';

const HEIGHT = 220;
const MARGIN = { top: 16, right: 12, bottom: 22, left: 46 };

export function OverlayPanel({ data, options, context }: PanelProps<Answer, OverlayOptions>) {
  const [table, setTable] = useState(false);
  const [cursor, setCursor] = useState<number | null>(null);
  const row = data.results[0]?.data;
  const spreads = useMemo(() => options.lines.map(({ key }) => ({ edges: edgesOf(data, key), cells: cellsOf(row, key) })), [data, options]);
  const drawn = useMemo(() => overlay(spreads), [spreads]);
  const samples = spreads.map(({ cells }) => cells.reduce((sum, [, count]) => sum + count, 0));
  const marks = (options.marks ?? []).map(({ key }) => (typeof row?.[key] === 'number' ? row[key] : null));
  const read = drawn && cursor !== null ? describeCell(options, drawn, cursor) : null;
  const filterTo = ({ scale: { edges } }: Overlay, cell: number) =>
    context.addFilters([{ column: options.column, op: '>=', value: edges[cell]! }, { column: options.column, op: '<', value: edges[cell + 1]! }]);
  return (
    <Frame
      id={options.id}
      kind="histogram"
      title={options.title}
      note={options.note}
      aside={<p class="readout">{read}</p>}
      summary={summarise(options, samples, marks)}
      menu={{ context, options, data, sheet: () => toSheet(options, drawn) }}
      table={{ shown: table, onToggle: () => setTable(!table) }}
    >
      {!drawn ? (
        <p class="panel-empty">Nothing was measured.</p>
      ) : table ? (
        <SheetTable name={options.title} sheet={toSheet(options, drawn)} />
      ) : (
        <>
          <Chart
            options={options}
            drawn={drawn}
            marks={marks}
            cursor={cursor}
            onCursor={setCursor}
            onChoose={context.readOnly ? undefined : (cell) => filterTo(drawn, cell)}
            spoken={read}
          />
          <ul class="legend curve-legend">
            {options.lines.map(({ key, title }, index) => <li key={key} data-series={index}><span>{title}</span> n&nbsp;{formatCount(samples[index]!)}</li>)}
          </ul>
        </>
      )}
    </Frame>
  );
}

interface ChartProps {
  options: OverlayOptions;
  drawn: Overlay;
  marks: readonly (number | null)[];
  cursor: number | null;
  onCursor: (cell: number | null) => void;
  onChoose: ((cell: number) => void) | undefined;
  spoken: string | null;
}

function Chart({ options, drawn, marks, cursor, onCursor, onChoose, spoken }: ChartProps) {
  const { reader, width, placeAt } = useReading({ count: drawn.scale.end, margin: MARGIN, cursor, onCursor, onEnter: onChoose });
  return (
    <div
      {...reader}
      class="chart brush"
      aria-label={`${options.title}: shares by value. The arrow keys read them${onChoose ? ', Enter keeps only those of one value' : ''}.`}
      onClick={(event) => onChoose?.(placeAt(event))}
    >
      <div style={{ height: `${HEIGHT}px` }}>{width > 0 && <Plot options={options} drawn={drawn} marks={marks} width={width} cursor={cursor} />}</div>
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

function Plot({ options, drawn: { scale, shares }, marks, width, cursor }: Pick<ChartProps, 'options' | 'drawn' | 'marks' | 'cursor'> & { width: number }) {
  const zero = zeroCell(scale.edges);
  const x = linear(0, scale.end, MARGIN.left, width - MARGIN.right);
  const top = Math.max(...shares.flatMap((line) => line.filter((_, cell) => cell !== zero)), 0.01) * 1.1;
  const y = linear(0, top, HEIGHT - MARGIN.bottom, MARGIN.top);
  const bands = options.vital ? [VITALS[options.vital].good, VITALS[options.vital].fair] : [];
  const ticks = cellTicks(scale, bands, (56 * scale.end) / Math.max(width - MARGIN.left - MARGIN.right, 1));
  const outline = (line: readonly number[]) => line.map((share, cell) => `V${y(Math.min(share, top))}H${x(cell + 1)}`).join('');
  return (
    <svg width={width} height={HEIGHT} aria-hidden="true">
      <g class="grid">
        <ValueGrid ticks={niceTicks(top, 3)} y={y} left={MARGIN.left} right={width - MARGIN.right} format={formatPercent} />
        {ticks.map((tick) => <text key={tick} x={x(placeOf(scale, tick))} y={HEIGHT - 5} text-anchor="middle">{formatTick(options, tick)}</text>)}
      </g>
      {cursor !== null && <rect class="brushed" x={x(cursor)} width={x(cursor + 1) - x(cursor)} y={MARGIN.top} height={HEIGHT - MARGIN.bottom - MARGIN.top} />}
      {shares.map((line, index) => (
        <g key={index} class="overlay" data-series={index}>
          <path class="area" d={`M${x(0)} ${y(0)}${outline(line)}V${y(0)}z`} />
          <path d={`M${x(0)} ${y(0)}${outline(line)}V${y(0)}`} />
        </g>
      ))}
      {/* Of more zeros than fit, the lines say how many there are. */}
      {zero !== null && shares.some((line) => line[zero]! > top) && (
        <text x={x(zero + 1) + 6} y={MARGIN.top - 4}>0: {options.lines.map(({ title }, index) => `${title} ${formatPercent(shares[index]![zero]!)}`).join(', ')}</text>
      )}
      {marks.map((value, index) => value !== null && (
        <line key={index} class="overlay-mark" data-series={index} x1={x(placeOf(scale, value))} x2={x(placeOf(scale, value))} y1={MARGIN.top - 8} y2={y(0)} />
      ))}
    </svg>
  );
}

function describeCell(options: OverlayOptions, { scale: { edges }, shares }: Overlay, cell: number): string {
  const said = options.lines.map(({ title }, index) => `${title} ${formatPercent(shares[index]![cell]!)}`);
  return `${formatMeasured(options, edges[cell]!)} – ${formatMeasured(options, edges[cell + 1]!)}: ${said.join(', ')}`;
}

function summarise(options: OverlayOptions, samples: readonly number[], marks: readonly (number | null)[]): string {
  const said = options.lines.map(({ title }, index) => `${quoted(title)} ${formatCount(samples[index]!)} samples`);
  const marked = (options.marks ?? []).flatMap(({ title }, index) => (marks[index] == null ? [] : `${title} ${formatMeasured(options, marks[index]!)}`));
  return `${options.title}: ${[...said, ...marked].join(', ')}.`;
}

function toSheet(options: OverlayOptions, drawn: Overlay | null): Sheet {
  return {
    columns: [numberColumn('From', options), numberColumn('To', options), ...options.lines.map(({ title }) => numberColumn(title, { unit: 'share' }))],
    rows: (drawn?.scale.edges.slice(1) ?? []).map((to, cell) => [drawn!.scale.edges[cell]!, to, ...drawn!.shares.map((line) => line[cell]!)]),
  };
}
