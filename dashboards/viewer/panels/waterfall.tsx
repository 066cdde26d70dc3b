/** The phases of one navigation as bars on one axis, with the paints as lines. */

import { useRef, useState } from 'preact/hooks';

import { linear } from '../charts/scale';
import type { Scale } from '../charts/scale';
import { formatDuration } from '../format';
import { isSoft } from '../items';
import type { Row } from '../types';
import { useWidth } from '../ui/useWidth';
import { Frame, TableToggle } from './frame';
import type { PanelProps } from './panel';
import type { Phase, Waterfall } from './phases';
import { toWaterfall } from './phases';
import { MarkLabels, MarkLines, TimeAxis, lanesHeight, placeLabels } from './timeline';

const ROW = 24;

interface WaterfallOptions {
  id: string;
  title: string;
}

export function WaterfallPanel({ data, options }: Omit<PanelProps<Row, WaterfallOptions>, 'context'>) {
  const [table, setTable] = useState(false);
  const waterfall = toWaterfall(data);
  const empty = waterfall.phases.length === 0;
  return (
    <Frame
      id={options.id}
      kind="waterfall"
      title={options.title}
      aside={empty ? undefined : <TableToggle title={options.title} table={table} onToggle={() => setTable(!table)} />}
      summary={summarise(waterfall)}
    >
      {empty ? <p class="panel-empty">{explainEmpty(data)}</p> : table ? <WaterfallTable {...waterfall} /> : <Chart {...waterfall} />}
    </Frame>
  );
}

function Chart({ phases, marks, end }: Waterfall) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const labels = width < 480 ? 92 : 128;
  const times = 72;
  const x = linear(0, end, labels, width - times);
  const lanes = placeLabels(marks, x);
  const top = lanesHeight(lanes);
  const bottom = top + phases.length * ROW;
  return (
    <div ref={root} class="chart waterfall">
      {width > 0 && (
        <svg width={width} height={bottom + 24} aria-hidden="true">
          <TimeAxis end={end} x={x} top={top} bottom={bottom} count={Math.max(2, Math.floor(width / 130))} />
          <MarkLines marks={marks} lanes={lanes} x={x} bottom={bottom} />
          {phases.map((phase, index) => <PhaseRow key={phase.id} phase={phase} x={x} y={top + index * ROW} />)}
          <MarkLabels marks={marks} lanes={lanes} x={x} />
        </svg>
      )}
    </div>
  );
}

function PhaseRow({ phase, x, y }: { phase: Phase; x: Scale; y: number }) {
  const width = Math.max(x(phase.end) - x(phase.start), 1.5);
  return (
    <g class="phase" data-phase={phase.id}>
      <text x={0} y={y + ROW / 2} dy="0.34em">{phase.title}</text>
      <rect x={x(phase.start)} y={y + 5} width={width} height={ROW - 10} rx={Math.min(2, width / 2)} />
      <text class="phase-time" x={x(phase.start) + width + 6} y={y + ROW / 2} dy="0.34em">
        {formatDuration(phase.end - phase.start)}
      </text>
    </g>
  );
}

function WaterfallTable({ phases, marks }: Waterfall) {
  const rows = [
    ...phases.map(({ title, start, end }) => ({ title, start, length: formatDuration(end - start) })),
    ...marks.map(({ title, at }) => ({ title, start: at, length: '' })),
  ];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col" class="number">At</th>
          <th scope="col" class="number">Lasted</th>
        </tr>
      </thead>
      <tbody>
        {rows.sort((a, b) => a.start - b.start).map(({ title, start, length }) => (
          <tr key={title}>
            <td>{title}</td>
            <td class="number">{formatDuration(start)}</td>
            <td class="number">{length}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function summarise({ phases, marks }: Waterfall): string {
  const longest = phases.reduce<Phase | null>((most, phase) => (most && length(most) >= length(phase) ? most : phase), null);
  if (!longest) return 'No phases were recorded.';
  const paints = marks.map((mark) => `${mark.title} at ${formatDuration(mark.at)}`).join(', ');
  return `The longest phase is ${longest.title}, ${formatDuration(length(longest))}. ${paints}.`;
}

function length(phase: Phase): number {
  return phase.end - phase.start;
}

function explainEmpty(event: Row): string {
  if (event['navigation.type'] === 'back-forward-cache') return 'The page came back from the back/forward cache: nothing was fetched.';
  if (isSoft(event)) return 'The page stayed and changed its content by itself: there was no navigation to time.';
  return 'The browser told no phases of this navigation.';
}
