/** The resources of one view as bars on one axis: the wait for the first byte is the lighter first part. */

import { useRef, useState } from 'preact/hooks';

import { linear } from '../charts/scale';
import type { Scale } from '../charts/scale';
import { formatBytes, formatCount, formatDuration, harmless, quoted } from '../format';
import type { Lists, Resource } from '../items';
import { isSoft, notesOf, resourceName, shorten, toResources, toRows } from '../items';
import type { Row } from '../types';
import type { ItemColumn } from '../ui/itemsTable';
import { ItemsTable, More } from '../ui/itemsTable';
import { useWidth } from '../ui/useWidth';
import { Frame, TableToggle } from './frame';
import type { Mark } from './phases';
import { toWaterfall } from './phases';
import { MarkLabels, MarkLines, TimeAxis, lanesHeight, placeLabels } from './timeline';

const TITLE = 'Resources';
const ROW = 22;
/** On a phone the name stands above its bar. */
const TALL_ROW = 38;
const NARROW = 640;
const SHOWN = 30;
const TYPE_WIDTH = 88;
/** About the width of a character of a name. */
const CHARACTER = 6.6;
const TYPE_CHARACTERS = Math.floor((TYPE_WIDTH - 8) / CHARACTER);

const COLUMNS: readonly ItemColumn[] = [
  { key: 'name', title: 'Resource', main: true },
  { key: 'initiator', title: 'By' },
  { key: 'start', title: 'Start', unit: 'ms' },
  { key: 'duration', title: 'Time', unit: 'ms' },
  { key: 'ttfb', title: 'First byte', unit: 'ms' },
  { key: 'transfer_size', title: 'Size', unit: 'bytes' },
  { key: 'status', title: 'Status', unit: '' },
  { key: 'protocol', title: 'Protocol' },
  { key: 'notes', title: 'Notes' },
];

export function ResourcesPanel({ facts, lists }: { facts: Row; lists: Lists }) {
  const [table, setTable] = useState(false);
  const [all, setAll] = useState(false);
  const host = facts['page.host'];
  const rows = toRows(lists, 'resources');
  const resources = toResources(rows, host);
  const empty = resources.length === 0;
  const chosen = all ? resources : resources.slice(0, SHOWN);
  return (
    <Frame
      id="resources"
      kind="waterfall"
      title={TITLE}
      aside={!empty && <><p class="readout">{readOut(facts)}</p><TableToggle title={TITLE} table={table} onToggle={() => setTable(!table)} /></>}
      summary={summarise(resources)}
    >
      {empty ? (
        <p class="panel-empty">{explainEmpty(facts)}</p>
      ) : table ? (
        <ItemsTable name={TITLE} columns={COLUMNS} rows={rows.map((row) => toTableRow(row, host))} shown={SHOWN} />
      ) : (
        <>
          <Chart resources={chosen} marks={paints(facts)} />
          <Legend resources={chosen} />
          {chosen.length < resources.length && <More count={resources.length} onMore={() => setAll(true)} />}
        </>
      )}
    </Frame>
  );
}

function Chart({ resources, marks }: { resources: Resource[]; marks: Mark[] }) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const narrow = width < NARROW;
  const row = narrow ? TALL_ROW : ROW;
  const names = narrow ? 0 : Math.min(420, Math.round(width * 0.36));
  const end = Math.max(1, ...resources.map((resource) => resource.end), ...marks.map((mark) => mark.at));
  const x = linear(0, end, names || 6, width - (narrow ? 12 : 24));
  const lanes = placeLabels(marks, x);
  const top = lanesHeight(lanes);
  const bottom = top + resources.length * row;
  return (
    <div ref={root} class="chart waterfall">
      {width > 0 && (
        <svg width={width} height={bottom + 24} aria-hidden="true">
          <TimeAxis end={end} x={x} top={top} bottom={bottom} count={Math.max(2, Math.floor((width - names) / 130))} />
          <MarkLines marks={marks} lanes={lanes} x={x} bottom={bottom} />
          {resources.map((resource, index) => (
            <ResourceRow key={index} resource={resource} x={x} y={top + index * row} names={names} width={width} />
          ))}
          <MarkLabels marks={marks} lanes={lanes} x={x} />
        </svg>
      )}
    </div>
  );
}

interface RowProps {
  resource: Resource;
  x: Scale;
  y: number;
  /** The room for names before the bars; 0 where they stand above. */
  names: number;
  width: number;
}

function ResourceRow({ resource, x, y, names, width }: RowProps) {
  const { kind, initiator, name, start, end, ttfb, notes } = resource;
  const bar = { y: names ? y + 5 : y + 20, height: 12 };
  const long = Math.max(x(end) - x(start), 2);
  const label = [formatDuration(end - start), ...notes].join(' · ');
  const room = width - x(start) - long > label.length * CHARACTER + 8;
  const line = names ? y + ROW / 2 : y + 10;
  const indent = names ? TYPE_WIDTH : Math.min(initiator.length, TYPE_CHARACTERS) * CHARACTER + 10;
  return (
    <g class="resource" data-kind={kind} data-blocking={notes.includes('blocking')}>
      <title>{`${quoted(name)}\n${label}`}</title>
      <text class="resource-type" x={0} y={line} dy="0.34em">{shorten(harmless(initiator), TYPE_CHARACTERS)}</text>
      <text class="resource-name" x={indent} y={line} dy="0.34em">
        {shorten(harmless(name), Math.floor(((names || width) - indent - 8) / CHARACTER))}
      </text>
      <rect x={x(start)} y={bar.y} width={long} height={bar.height} rx={Math.min(2, long / 2)} />
      {ttfb !== null && ttfb > 0 && <rect class="wait" x={x(start)} y={bar.y} width={Math.min(long, x(start + ttfb) - x(start))} height={bar.height} />}
      <text
        class="phase-time"
        x={room ? x(start) + long + 6 : x(start) - 6}
        y={bar.y + bar.height / 2}
        dy="0.34em"
        text-anchor={room ? 'start' : 'end'}
      >
        {label}
      </text>
    </g>
  );
}

const KIND_WORDS = { script: 'script', style: 'style and font', media: 'image and media', data: 'data', other: 'other' } as const;

function Legend({ resources }: { resources: readonly Resource[] }) {
  const kinds = (Object.keys(KIND_WORDS) as (keyof typeof KIND_WORDS)[]).filter((kind) => resources.some((one) => one.kind === kind));
  return (
    <ul class="legend">
      {kinds.map((kind) => <li key={kind} data-kind={kind}>{KIND_WORDS[kind]}</li>)}
      <li data-kind="wait">waiting for the first byte</li>
    </ul>
  );
}

function paints(facts: Row): Mark[] {
  return toWaterfall(facts).marks.filter(({ title }) => title === 'FCP' || title === 'LCP');
}

function toTableRow(row: Row, host: Row[string]): Row {
  return { ...row, name: resourceName(row, host), notes: notesOf(row).join(', ') };
}

/** How many there were, how large they were, and how many of them the waterfall leaves out. */
function readOut(facts: Row): string {
  const count = asNumber(facts['resource.count']);
  const size = asNumber(facts['resource.transfer_size']);
  const dropped = asNumber(facts['resource.dropped_count']) ?? 0;
  const parts = [
    count === null ? '' : `${formatCount(count)} resources`,
    size === null ? '' : formatBytes(size),
    dropped > 0 ? `${formatCount(dropped)} not shown` : '',
    facts['resource.buffer_overflow'] === true ? 'the browser’s buffer was full' : '',
  ];
  return parts.filter(Boolean).join(', ');
}

function summarise(resources: readonly Resource[]): string {
  const slowest = resources.reduce<Resource | null>((most, one) => (most && length(most) >= length(one) ? most : one), null);
  if (!slowest) return 'No resources were recorded.';
  return `${formatCount(resources.length)} resources; the slowest is ${quoted(slowest.name)}, ${formatDuration(length(slowest))}.`;
}

function length(resource: Resource): number {
  return resource.end - resource.start;
}

function explainEmpty(facts: Row): string {
  if (String(facts['beacon.cut'] ?? '').includes('resources')) return 'The list of resources was left out to keep the beacon small; the totals below are whole.';
  const stayed = isSoft(facts) || facts['navigation.type'] === 'back-forward-cache';
  if (facts['resource.count'] === 0) return stayed ? 'This view loaded nothing.' : 'The page loaded nothing besides itself.';
  return 'The beacon sent no list of resources.';
}

function asNumber(value: Row[string]): number | null {
  return typeof value === 'number' ? value : null;
}
