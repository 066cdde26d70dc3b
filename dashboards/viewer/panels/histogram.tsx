/** How the values of a field are distributed: bars in the colours of the bands, with percentiles marked. */

import { useMemo, useState } from 'preact/hooks';

import { cellsOf, edgesOf, showCells } from '../charts/cells';
import type { CellScale } from '../charts/cells';
import { useDrag } from '../charts/drag';
import type { Mark } from '../charts/histogramPlot';
import { HEIGHT, HistogramPlot, MARGIN } from '../charts/histogramPlot';
import { useReading } from '../charts/reading';
import { formatMeasured, formatPercent } from '../charts/units';
import { formatCount } from '../format';
import type { Answer, Cells, HistogramOptions } from '../types';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { SheetTable, numberColumn } from './sheet';

export function HistogramPanel({ data, options, context }: PanelProps<Answer, HistogramOptions>) {
  const [table, setTable] = useState(false);
  const [cursor, setCursor] = useState<number | null>(null);
  const row = data.results[0]?.data;
  const cells = useMemo(() => cellsOf(row, options.value), [row, options.value]);
  const scale = useMemo(() => showCells(edgesOf(data, options.value), cells), [data, cells]);
  const total = cells.reduce((sum, [, count]) => sum + count, 0);
  const marks = (options.marks ?? []).flatMap(({ key, title }): Mark[] => {
    const value = row?.[key];
    return typeof value === 'number' ? [{ title, value }] : [];
  });
  const read = cursor === null ? null : describeCell(options, scale, cells, cursor, total);
  return (
    <Frame
      id={options.id}
      kind="histogram"
      title={options.title}
      note={options.note}
      aside={<p class="readout">{read ?? (total > 0 && `${formatCount(total)} samples`)}</p>}
      summary={summarise(options, marks, total)}
      menu={{ context, options, data, sheet: () => toSheet(options, scale, cells) }}
      table={{ shown: table, onToggle: () => setTable(!table) }}
    >
      {total === 0 ? (
        <p class="panel-empty">Nothing was measured.</p>
      ) : table ? (
        <SheetTable name={options.title} sheet={toSheet(options, scale, cells)} />
      ) : (
        <Chart options={options} context={context} scale={scale} cells={cells} marks={marks} cursor={cursor} onCursor={setCursor} spoken={read} />
      )}
    </Frame>
  );
}

interface ChartProps {
  options: HistogramOptions;
  context: PanelContext;
  scale: CellScale;
  cells: Cells;
  marks: readonly Mark[];
  cursor: number | null;
  onCursor: (cell: number | null) => void;
  spoken: string | null;
}

function Chart({ options, context, scale, cells, marks, cursor, onCursor, spoken }: ChartProps) {
  const pointer = useDrag();
  const [drag, setDrag] = useState<number | null>(null);
  const filterTo = (from: number, to: number) => {
    const [low, high] = [scale.edges[scale.first + from]!, scale.edges[scale.first + to + 1]!];
    const isLast = scale.first + to + 2 >= scale.edges.length;
    context.addFilters([{ column: options.column, op: '>=', value: low }, { column: options.column, op: isLast ? '<=' : '<', value: high }]);
  };
  const { reader, width, placeAt } = useReading({ count: scale.end - scale.first, margin: MARGIN, cursor, onCursor, onEnter: (cell) => filterTo(cell, cell) });
  return (
    <div
      {...reader}
      class="chart brush"
      aria-label={`${options.title}: histogram. The arrow keys read the bars${context.readOnly ? '' : ', Enter keeps only what one holds'}.`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        pointer.begin(event);
        setDrag(placeAt(event));
        onCursor(placeAt(event));
      }}
      onPointerUp={(event) => {
        const to = placeAt(event);
        if (drag !== null && pointer.hasDragged(event)) filterTo(Math.min(drag, to), Math.max(drag, to));
        setDrag(null);
      }}
      onPointerCancel={() => setDrag(null)}
    >
      <div style={{ height: `${HEIGHT}px` }}>
        {width > 0 && (
          <HistogramPlot
            scale={scale}
            cells={cells}
            marks={marks}
            width={width}
            cursor={cursor}
            drag={drag === null || cursor === null ? null : [Math.min(drag, cursor), Math.max(drag, cursor) + 1]}
            vital={options.vital}
            unit={options.unit}
          />
        )}
      </div>
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

function describeCell(options: HistogramOptions, scale: CellScale, cells: Cells, cell: number, total: number): string {
  const index = scale.first + cell;
  const count = cells.find(([one]) => one === index)?.[1] ?? 0;
  const [low, high] = [scale.edges[index]!, scale.edges[index + 1]!];
  return `${formatMeasured(options, low)} – ${formatMeasured(options, high)}: ${formatCount(count)} (${formatPercent(count / total)})`;
}

function summarise(options: HistogramOptions, marks: readonly Mark[], total: number): string {
  if (total === 0) return `${options.title}: nothing measured.`;
  const said = marks.map(({ title, value }) => `${title} ${formatMeasured(options, value)}`);
  return `${options.title}: the distribution of ${formatCount(total)} samples${said.length > 0 ? `; ${said.join(', ')}` : ''}.`;
}

function toSheet(options: HistogramOptions, { edges }: CellScale, cells: Cells): Sheet {
  return {
    columns: [numberColumn('From', options), numberColumn('To', options), numberColumn('Samples')],
    rows: cells.map(([cell, count]) => [edges[cell]!, edges[cell + 1]!, count]),
  };
}
