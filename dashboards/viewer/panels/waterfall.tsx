/** The phases of one navigation as bars on one axis, with the paints as lines, and what went worst below. */

import { useRef, useState } from 'preact/hooks';

import { linear } from '../charts/scale';
import type { Scale } from '../charts/scale';
import { formatDuration, harmless, quoted } from '../format';
import { isSoft, shorten } from '../items';
import type { Row } from '../types';
import { Stored } from '../ui/stored';
import { useWidth } from '../ui/useWidth';
import { Frame, TableToggle } from './frame';
import type { PanelProps } from './panel';
import type { Moment, Phase, Waterfall } from './phases';
import { toWaterfall } from './phases';
import { MarkLabels, MarkLines, TimeAxis, lanesHeight, placeLabels } from './timeline';

const ROW = 24;
/** About the width of a character beside a bar. */
const CHARACTER = 6.6;

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

function Chart({ phases, marks, moments, end }: Waterfall) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const labels = width < 480 ? 92 : 128;
  const times = 72;
  const x = linear(0, end, labels, width - times);
  const lanes = placeLabels(marks, x);
  const top = lanesHeight(lanes);
  const below = top + phases.length * ROW;
  const bottom = below + moments.length * ROW;
  return (
    <div ref={root} class="chart waterfall">
      {width > 0 && (
        <svg width={width} height={bottom + 24} aria-hidden="true">
          <TimeAxis end={end} x={x} top={top} bottom={bottom} count={Math.max(2, Math.floor(width / 130))} />
          <MarkLines marks={marks} lanes={lanes} x={x} bottom={bottom} />
          {phases.map((phase, index) => <PhaseRow key={phase.id} phase={phase} x={x} y={top + index * ROW} />)}
          {moments.map((moment, index) => <MomentRow key={moment.id} moment={moment} x={x} y={below + index * ROW} end={end} edge={width} />)}
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

/** A bar, or for what had no length a diamond, and its words where there is room: right of it, else left. */
function MomentRow({ moment, x, y, end, edge }: { moment: Moment; x: Scale; y: number; end: number; edge: number }) {
  const { id, title, start } = moment;
  const late = moment.end > end;
  const from = x(late ? end : start);
  const width = late || moment.end === start ? 0 : Math.max(x(moment.end) - from, 2);
  const middle = y + ROW / 2;
  const right = !late && from < (x(0) + x(end)) / 2;
  const room = Math.floor((right ? edge - from - width : from - x(0)) / CHARACTER) - 2;
  return (
    <g class="phase" data-phase={id} data-late={late}>
      <title>{`${title}, ${describe(moment, true)}`}</title>
      <text x={0} y={middle} dy="0.34em">{title}</text>
      {width > 0 ? (
        <rect x={from} y={y + 5} width={width} height={ROW - 10} rx={Math.min(2, width / 2)} />
      ) : (
        <path transform={`translate(${from} ${middle})`} d={late ? 'M-5 -5 4 0 -5 5Z' : 'M0 -6 6 0 0 6 -6 0Z'} />
      )}
      <text class="phase-time" x={right ? from + width + 8 : from - 8} y={middle} dy="0.34em" text-anchor={right ? 'start' : 'end'}>
        {describe(moment, late, room)}
      </text>
    </g>
  );
}

/** The figures are told whole; the target takes what room they leave, if any. */
function describe({ measure, target, start }: Moment, when: boolean, room = Infinity): string {
  const figures = when ? `${measure} · at ${formatDuration(start)}` : measure;
  const left = room - figures.length - 3;
  return target === '' || left < 6 ? figures : `${figures} · ${shorten(harmless(target), left)}`;
}

function WaterfallTable({ phases, marks, moments }: Waterfall) {
  const rows = [
    ...phases.map(({ title, start, end }) => ({ title, target: '', start, length: formatDuration(end - start) })),
    ...marks.map(({ title, at }) => ({ title, target: '', start: at, length: '' })),
    ...moments.map(({ title, target, start, measure }) => ({ title, target, start, length: measure })),
  ];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col" class="number">At</th>
          <th scope="col" class="number">Lasted or moved</th>
        </tr>
      </thead>
      <tbody>
        {rows.sort((a, b) => a.start - b.start).map(({ title, target, start, length }) => (
          <tr key={title}>
            <td>{title}{target && <> <Stored text={target} /></>}</td>
            <td class="number">{formatDuration(start)}</td>
            <td class="number">{length}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function summarise({ phases, marks, moments }: Waterfall): string {
  const longest = phases.reduce<Phase | null>((most, phase) => (most && length(most) >= length(phase) ? most : phase), null);
  if (!longest) return 'No phases were recorded.';
  const paints = marks.map((mark) => `${mark.title} at ${formatDuration(mark.at)}`).join(', ');
  const worst = moments.map(({ title, measure, target, start }) =>
    ` ${title}: ${measure} at ${formatDuration(start)}${target && `, ${quoted(target)}`}.`);
  return `The longest phase is ${longest.title}, ${formatDuration(length(longest))}. ${paints}.${worst.join('')}`;
}

function length(phase: Phase): number {
  return phase.end - phase.start;
}

function explainEmpty(event: Row): string {
  if (event['navigation.type'] === 'back-forward-cache') return 'The page came back from the back/forward cache: nothing was fetched.';
  if (isSoft(event)) return 'The page stayed and changed its content by itself: there was no navigation to time.';
  return 'The browser told no phases of this navigation.';
}
