/** Every event as a place in time and value. A box of them is a question: what is different about these? */

import { useMemo, useRef, useState } from 'preact/hooks';

import { useDrag } from '../charts/drag';
import type { HeatGrid } from '../charts/heatGrid';
import { countIn, rowRange, toGrid } from '../charts/heatGrid';
import type { Box } from '../charts/heatmapPlot';
import { HEIGHT, HeatmapPlot, layOutGrid } from '../charts/heatmapPlot';
import { clamp } from '../charts/plot';
import { formatMeasured } from '../charts/units';
import { formatCount, formatMinute } from '../format';
import type { Answer, HeatmapOptions, Selection } from '../types';
import { useWidth } from '../ui/useWidth';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { SheetTable, numberColumn, timeColumn } from './sheet';

interface Cell {
  column: number;
  row: number;
}

export function HeatmapPanel({ data, options, context }: PanelProps<Answer, HeatmapOptions>) {
  const [table, setTable] = useState(false);
  const [read, setRead] = useState('');
  const grid = useMemo(() => toGrid(data, options.value, options.line?.key), [data, options]);
  const isEmpty = grid.total === 0;
  return (
    <Frame
      id={options.id}
      kind="heatmap"
      title={options.title}
      note={options.note}
      aside={<p class="readout">{read || (!isEmpty && !context.readOnly && <span class="hint">Drag a box to ask what is different about it</span>)}</p>}
      summary={summarise(options, grid)}
      menu={{ context, options, data, sheet: () => toSheet(options, grid) }}
      table={{ shown: table, onToggle: () => setTable(!table) }}
    >
      {isEmpty ? (
        <p class="panel-empty">Nothing was measured.</p>
      ) : table ? (
        <SheetTable name={options.title} sheet={toSheet(options, grid)} />
      ) : (
        <Chart grid={grid} options={options} context={context} onRead={setRead} read={read} />
      )}
    </Frame>
  );
}

interface ChartProps {
  grid: HeatGrid;
  options: HeatmapOptions;
  context: PanelContext;
  read: string;
  onRead: (text: string) => void;
}

function Chart({ grid, options, context, read, onRead }: ChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const drag = useDrag();
  const [anchor, setAnchor] = useState<Cell | null>(null);
  const [cursor, setCursor] = useState<Cell | null>(null);
  const selected = context.selection ? toBox(grid, options.column, context.selection) : null;
  const drawn = anchor && cursor ? between(anchor, cursor) : selected;

  const move = (cell: Cell | null, from: Cell | null) => {
    setCursor(cell);
    onRead(!cell ? '' : from ? describeBox(options, grid, between(from, cell)) : describeCell(options, grid, cell));
  };
  const choose = (box: Box) => {
    setAnchor(null);
    if (context.readOnly) return;
    context.select(toSelection(grid, options.column, box));
  };
  const at = (event: PointerEvent): Cell => cellAt(grid, width, root.current!.getBoundingClientRect(), event);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && cursor) return choose(between(anchor ?? cursor, cursor));
    if (event.key === 'Escape') {
      setAnchor(null);
      return move(null, null);
    }
    const next = nextCell(grid, cursor, event.key);
    if (!next) return undefined;
    event.preventDefault();
    const from = event.shiftKey ? (anchor ?? cursor ?? next) : null;
    setAnchor(from);
    return move(next, from);
  };
  return (
    <div
      ref={root}
      class="chart brush heat"
      role="group"
      tabIndex={0}
      aria-label={`${options.title}: heat map. The arrow keys read the cells${context.readOnly ? '' : ', with Shift they select, Enter asks what is different about the selection'}.`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        drag.begin(event);
        setAnchor(at(event));
        move(at(event), at(event));
      }}
      onPointerMove={(event) => move(at(event), anchor)}
      onPointerUp={(event) => {
        const cell = at(event);
        // A click alone selects nothing: a box has two corners.
        if (anchor && drag.hasDragged(event)) choose(between(anchor, cell));
        else setAnchor(null);
      }}
      onPointerCancel={() => setAnchor(null)}
      onPointerLeave={() => !anchor && move(null, null)}
      onKeyDown={press}
    >
      <div style={{ height: `${HEIGHT}px` }}>
        {width > 0 && <HeatmapPlot grid={grid} width={width} box={drawn} cursor={anchor ? null : cursor} vital={options.vital} unit={options.unit} />}
      </div>
      <span class="spoken" role="status">{read}</span>
    </div>
  );
}

function cellAt(grid: HeatGrid, width: number, frame: DOMRect, event: PointerEvent): Cell {
  const { x, y } = layOutGrid(grid, width);
  const column = Math.floor(((event.clientX - frame.x - x(0)) / (x(1) - x(0))));
  const row = Math.floor(((event.clientY - frame.y - y(0)) / (y(1) - y(0))));
  return { column: clamp(column, 0, grid.columns.length - 1), row: clamp(row, 0, grid.rows - 1) };
}

function nextCell(grid: HeatGrid, cursor: Cell | null, key: string): Cell | null {
  const [columns, rows] = [grid.columns.length - 1, grid.rows - 1];
  const { column, row } = cursor ?? { column: columns, row: 0 };
  const next = {
    ArrowLeft: { column: column - 1, row },
    ArrowRight: { column: column + 1, row },
    ArrowUp: { column, row: row + 1 },
    ArrowDown: { column, row: row - 1 },
    Home: { column: 0, row },
    End: { column: columns, row },
    PageUp: { column, row: rows },
    PageDown: { column, row: 0 },
  }[key];
  if (!next) return null;
  if (!cursor) return { column, row };
  return { column: clamp(next.column, 0, columns), row: clamp(next.row, 0, rows) };
}

function between(one: Cell, other: Cell): Box {
  return {
    left: Math.min(one.column, other.column),
    right: Math.max(one.column, other.column),
    low: Math.min(one.row, other.row),
    high: Math.max(one.row, other.row),
  };
}

/** The events of a box. Its lowest and highest rows also hold what lies beyond them. */
export function toSelection(grid: HeatGrid, column: string, { left, right, low, high }: Box): Selection {
  const selection: Selection = {
    column,
    start_time: grid.columns[left]! / 1000,
    end_time: (grid.columns[right]! + grid.width) / 1000,
  };
  // Both ends are included, and the values have about seven digits: half of the eighth keeps the next row out.
  if (low > 0) selection.min = rowRange(grid, low)[0];
  if (high < grid.rows - 1) selection.max = Number((rowRange(grid, high)[1] * (1 - 5e-8)).toPrecision(9));
  if (selection.min === undefined && selection.max === undefined) selection.min = grid.scale.edges[0]!;
  return selection;
}

/** Where a selection lies on the grid; null where it is none of a heat map, or one of another field. */
export function toBox(grid: HeatGrid, column: string, { start_time, end_time, min, max, ...more }: Selection): Box | null {
  if (more.column !== column || start_time === undefined || end_time === undefined) return null;
  if (typeof min === 'string' || typeof max === 'string') return null;
  const columnAt = (seconds: number) => Math.round((seconds * 1000 - grid.start) / grid.width);
  const [left, right] = [columnAt(start_time), columnAt(end_time) - 1];
  if (right < 0 || left >= grid.columns.length || right < left) return null;
  const rowOf = (value: number) => {
    const row = grid.scale.edges.findLastIndex((edge) => edge <= value * (1 + 1e-6)) - grid.scale.first;
    return clamp(row, 0, grid.rows - 1);
  };
  return {
    left: Math.max(left, 0),
    right: Math.min(right, grid.columns.length - 1),
    low: min === undefined ? 0 : rowOf(min),
    high: max === undefined ? grid.rows - 1 : rowOf(max * (1 - 1e-5)),
  };
}

function describeCell(options: HeatmapOptions, grid: HeatGrid, cell: Cell): string {
  return describeBox(options, grid, between(cell, cell));
}

function describeBox(options: HeatmapOptions, grid: HeatGrid, box: Box): string {
  const from = formatMinute(grid.columns[box.left]!);
  const until = box.left === box.right ? '' : ` – ${formatMinute(grid.columns[box.right]! + grid.width)}`;
  const [low, high] = [rowRange(grid, box.low)[0], rowRange(grid, box.high)[1]];
  const values = `${formatMeasured(options, low)} – ${formatMeasured(options, high)}`;
  return `${from}${until}, ${values}: ${formatCount(countIn(grid, box))}`;
}

function summarise(options: HeatmapOptions, grid: HeatGrid): string {
  if (grid.total === 0) return `${options.title}: nothing measured.`;
  const [low, high] = [rowRange(grid, 0)[0], rowRange(grid, grid.rows - 1)[1]];
  return `${options.title}: ${formatCount(grid.total)} samples over time, nearly all from ${formatMeasured(options, low)} to ${formatMeasured(options, high)}.`;
}

function toSheet(options: HeatmapOptions, grid: HeatGrid): Sheet {
  return {
    columns: [timeColumn('Time'), numberColumn('From', options), numberColumn('To', options), numberColumn('Samples')],
    rows: [...grid.cells]
      .sort((a, b) => a.column - b.column || a.row - b.row)
      .map(({ column, row, count }) => [grid.columns[column]!, ...rowRange(grid, row), count]),
  };
}
