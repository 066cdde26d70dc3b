/** The phases of one navigation as bars on one axis, with the paints as lines. */

import { useRef, useState } from 'preact/hooks';

import { linear, niceTicks } from '../charts/scale';
import type { Scale } from '../charts/scale';
import { formatAxisDuration, formatDuration } from '../format';
import type { Row } from '../types';
import { useWidth } from '../ui/useWidth';
import { Frame, TableToggle } from './frame';
import type { PanelProps } from './panel';
import type { Mark, Phase, Waterfall } from './phases';
import { toWaterfall } from './phases';

const ROW = 24;
const LANE = 16;
/** About the width of a character of a label; a label is its title and a duration. */
const LABEL_CHARACTER = 6.5;

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
  const top = (Math.max(-1, ...lanes) + 1) * LANE + 8;
  const bottom = top + phases.length * ROW;
  return (
    <div ref={root} class="chart waterfall">
      {width > 0 && (
        <svg width={width} height={bottom + 24} aria-hidden="true">
          <TimeAxis end={end} x={x} top={top} bottom={bottom} count={Math.max(2, Math.floor(width / 130))} />
          {marks.map((mark, index) => <MarkLine key={mark.title} mark={mark} x={x} lane={lanes[index]!} bottom={bottom} />)}
          {phases.map((phase, index) => <PhaseRow key={phase.id} phase={phase} x={x} y={top + index * ROW} />)}
          {marks.map((mark, index) => <MarkLabel key={mark.title} mark={mark} x={x} lane={lanes[index]!} />)}
        </svg>
      )}
    </div>
  );
}

function TimeAxis({ end, x, top, bottom, count }: { end: number; x: Scale; top: number; bottom: number; count: number }) {
  return (
    <g class="grid">
      {niceTicks(end, count).map((tick) => (
        <g key={tick}>
          <line x1={x(tick)} x2={x(tick)} y1={top} y2={bottom} class={tick === 0 ? 'base' : undefined} />
          <text x={x(tick)} y={bottom + 16} text-anchor="middle">{formatAxisDuration(tick)}</text>
        </g>
      ))}
    </g>
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

function MarkLine({ mark, x, lane, bottom }: { mark: Mark; x: Scale; lane: number; bottom: number }) {
  return (
    <g class="mark">
      <line x1={x(mark.at)} x2={x(mark.at)} y1={lane * LANE + LANE} y2={bottom} />
    </g>
  );
}

/** Above all lines, so that none crosses it. */
function MarkLabel({ mark, x, lane }: { mark: Mark; x: Scale; lane: number }) {
  return (
    <g class="mark">
      <text x={x(mark.at)} y={lane * LANE + 11} text-anchor={hasRoomLeft(mark, x) ? 'end' : 'start'}>
        <tspan class="mark-name">{mark.title}</tspan> {formatDuration(mark.at)}
      </text>
    </g>
  );
}

function hasRoomLeft(mark: Mark, x: Scale): boolean {
  return x(mark.at) > LABEL_CHARACTER * (mark.title.length + 9);
}

/** Puts each label into the first lane where it has room; marks come in order of time. */
export function placeLabels(marks: readonly Mark[], x: Scale): number[] {
  const ends: number[] = [];
  return marks.map((mark) => {
    const width = (mark.title.length + 9) * LABEL_CHARACTER;
    const start = hasRoomLeft(mark, x) ? x(mark.at) - width : x(mark.at);
    const free = ends.findIndex((end) => end <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = start + width;
    return lane;
  });
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
  return event['navigation.type'] === 'back-forward-cache'
    ? 'The page came back from the back/forward cache: nothing was fetched.'
    : 'The browser told no phases of this navigation.';
}
