/** The lists of one event as rows, and the resources among them. Pure. */

import type { Items, Row, Scalar, Value, WholeEvent } from './types';

export type Lists = Record<string, Items>;

/** Parts an event into what has one value and what has many. */
export function splitEvent(event: WholeEvent): { facts: Row; lists: Lists } {
  // A page may call a field `constructor`, and a field that it has not must not be found for that.
  const facts = Object.create(null) as Row;
  const lists = Object.create(null) as Lists;
  for (const [name, value] of Object.entries(event)) {
    if (Array.isArray(value)) lists[name] = value as Items;
    else facts[name] = value as Value;
  }
  return { facts, lists };
}

/** Rows of the lists whose names begin with `shared`; an empty text is an unknown one. `index` tells rows apart. */
export function toRows(lists: Lists, shared: string): Row[] {
  const names = Object.keys(lists).filter((name) => name.startsWith(`${shared}.`));
  const length = Math.max(0, ...names.map((name) => lists[name]!.length));
  return Array.from({ length }, (_, index) => ({
    index,
    ...Object.fromEntries(names.map((name) => [name.slice(shared.length + 1), known(lists[name]![index])])),
  }));
}

function known(value: Scalar | null | undefined): Scalar | null {
  return value === undefined || value === '' ? null : value;
}

export type Kind = 'script' | 'style' | 'media' | 'data' | 'other';

export interface Resource {
  kind: Kind;
  /** Who asked for it, as the browser says it. */
  initiator: string;
  /** Path, and the host where it is not the page's. */
  name: string;
  /** Milliseconds since the view's start. */
  start: number;
  end: number;
  /** From its start to its first byte; null where the host hides it. */
  ttfb: number | null;
  /** What else is to say of it: blocking, cached, or a status that tells of an error. */
  notes: string[];
}

const KINDS = new Map<string, Kind>(Object.entries({
  script: 'script',
  link: 'style',
  css: 'style',
  img: 'media',
  image: 'media',
  video: 'media',
  audio: 'media',
  input: 'media',
  fetch: 'data',
  xmlhttprequest: 'data',
  beacon: 'data',
  ping: 'data',
}));

/** The rows of the waterfall that have a start and a duration. */
export function toResources(rows: readonly Row[], host: Value): Resource[] {
  return rows.flatMap((row) => {
    const { start, duration, ttfb, initiator } = row;
    if (typeof start !== 'number' || typeof duration !== 'number') return [];
    return {
      kind: KINDS.get(String(initiator)) ?? 'other',
      initiator: text(initiator),
      name: resourceName(row, host),
      start,
      end: start + duration,
      ttfb: typeof ttfb === 'number' ? ttfb : null,
      notes: notesOf(row),
    };
  });
}

/** Path, and the host where it is not the page's. */
export function resourceName(row: Row, host: Value): string {
  return `${row.host === host ? '' : text(row.host)}${text(row.path)}` || '(unknown)';
}

/** What else is to say of a resource. */
export function notesOf({ blocking, cached, status }: Row): string[] {
  const failed = typeof status === 'number' && status >= 400;
  return [failed ? String(status) : '', blocking === true ? 'blocking' : '', cached === true ? 'cached' : ''].filter(Boolean);
}

function text(value: Value): string {
  return value === null || value === undefined ? '' : String(value);
}

/** Shortens a text in the middle: a path's end says most, its beginning says where. */
export function shorten(name: string, characters: number): string {
  if (name.length <= characters) return name;
  const tail = Math.max(1, Math.ceil((characters - 1) * 0.6));
  return `${name.slice(0, Math.max(0, characters - 1 - tail))}…${name.slice(-tail)}`;
}

export interface Span {
  state: string;
  start: number;
  end: number;
}

/** When the page was visible and when hidden, until this snapshot was taken. */
export function toSpans(lists: Lists, age: Value): Span[] {
  const rows = toRows(lists, 'visibility');
  const starts = rows.map(({ time }) => (typeof time === 'number' ? time : 0));
  const last = Math.max(typeof age === 'number' ? age : 0, ...starts);
  return rows.map(({ state }, index) => ({ state: text(state), start: starts[index]!, end: starts[index + 1] ?? last }));
}

/** True for a view that a page made of itself, without a load; its times are of another kind. */
export function isSoft(event: Row): boolean {
  return event['navigation.type'] === 'soft-navigation' || event['navigation.type'] === 'route-change';
}

/** Compares two values of a column, for sorting. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}
