/** The phases of a navigation and the moments on its way, read from one event. Pure. */

import { formatDuration, formatVital } from '../format';
import type { Row, Value } from '../types';

export interface Phase {
  id: string;
  title: string;
  /** Milliseconds since the navigation began. */
  start: number;
  end: number;
}

export interface Mark {
  title: string;
  at: number;
}

/** The worst of what happened on the page: a long frame, an interaction, a layout shift. */
export interface Moment extends Phase {
  /** How bad it was, and what it befell; the latter is the page's own text. */
  measure: string;
  target: string;
}

export interface Waterfall {
  phases: Phase[];
  marks: Mark[];
  moments: Moment[];
  /** Where the axis ends; a moment may lie behind it. */
  end: number;
}

/** A moment may stretch the axis by so much; a later one would squeeze the phases. */
const STRETCH = 1.5;

/** Each phase lies between two marks of Navigation Timing; a list gives the first one that is known. */
const PHASES: { id: string; title: string; start: string[]; end: string[] }[] = [
  { id: 'redirect', title: 'Redirects', start: ['redirect_start'], end: ['redirect_end'] },
  { id: 'worker', title: 'Service worker', start: ['worker_start'], end: ['fetch_start'] },
  { id: 'cache', title: 'Cache', start: ['fetch_start'], end: ['domain_lookup_start'] },
  { id: 'dns', title: 'DNS', start: ['domain_lookup_start'], end: ['domain_lookup_end'] },
  { id: 'connect', title: 'Connect', start: ['connect_start'], end: ['secure_connection_start', 'connect_end'] },
  { id: 'tls', title: 'TLS', start: ['secure_connection_start'], end: ['connect_end'] },
  { id: 'request', title: 'Request', start: ['request_start'], end: ['response_start'] },
  { id: 'response', title: 'Response', start: ['response_start'], end: ['response_end'] },
  { id: 'dom', title: 'DOM', start: ['response_end'], end: ['dom_complete', 'dom_interactive'] },
  { id: 'load', title: 'Load handlers', start: ['load_event_start'], end: ['load_event_end'] },
];

/**
 * Reads the waterfall of a page view. A page that came back from the back/forward cache has none: the marks of its entry
 * tell of the first visit.
 */
export function toWaterfall(event: Row): Waterfall {
  const restored = event['navigation.type'] === 'back-forward-cache';
  const phases = restored ? [] : PHASES.flatMap((phase) => toPhase(event, phase));
  const marks = restored ? [] : toMarks(event);
  const loaded = Math.max(0, ...phases.map((phase) => phase.end), ...marks.map((mark) => mark.at));
  const moments = phases.length > 0 ? toMoments(event) : [];
  const end = Math.max(loaded, ...moments.map((moment) => moment.end).filter((at) => at <= loaded * STRETCH));
  return { phases, marks, moments, end };
}

/** Where a page loaded, all of these count from the start of its navigation, as the phases do. */
function toMoments(event: Row): Moment[] {
  const frame = asNumber(event['loaf.longest_start']);
  const length = asNumber(event['loaf.longest_duration']);
  const tap = asNumber(event['inp.interaction_time']);
  const inp = asNumber(event['inp.value']);
  const shifted = asNumber(event['cls.largest_shift_time']);
  const distance = asNumber(event['cls.largest_shift_value']);
  const moments: Moment[] = [];
  if (frame !== null && length !== null) {
    moments.push({ id: 'frame', title: 'Longest frame', start: frame, end: frame + length, measure: formatDuration(length), target: '' });
  }
  if (tap !== null && inp !== null) {
    const end = asNumber(event['inp.next_paint_time']) ?? tap + inp;
    moments.push({ id: 'interaction', title: 'Slowest input', start: tap, end, measure: formatDuration(inp), target: text(event['inp.interaction_target']) });
  }
  if (shifted !== null && distance !== null && distance > 0) {
    moments.push({ id: 'shift', title: 'Largest shift', start: shifted, end: shifted, measure: formatVital('cls', distance), target: text(event['cls.largest_shift_target']) });
  }
  return moments.sort((a, b) => a.start - b.start);
}

function toPhase(event: Row, { id, title, start, end }: (typeof PHASES)[number]): Phase[] {
  const from = firstMark(event, start);
  const to = firstMark(event, end);
  return from === null || to === null || to < from ? [] : [{ id, title, start: from, end: to }];
}

function firstMark(event: Row, names: string[]): number | null {
  for (const name of names) {
    const value = asNumber(event[`navigation.${name}`]);
    if (value !== null) return value;
  }
  return null;
}

/** The paints count from the activation of a prerendered page, the phases from the start of the navigation. */
function toMarks(event: Row): Mark[] {
  const activation = asNumber(event['navigation.activation_start']) ?? 0;
  const marks = [
    { title: 'Activated', at: activation > 0 ? activation : null },
    { title: 'FCP', at: shift(event['fcp.value'], activation) },
    { title: 'DOM ready', at: asNumber(event['navigation.dom_content_loaded_event_end']) },
    { title: 'LCP', at: shift(event['lcp.value'], activation) },
  ];
  return marks.flatMap(({ title, at }) => (at === null ? [] : [{ title, at }])).sort((a, b) => a.at - b.at);
}

function shift(value: Value, by: number): number | null {
  const number = asNumber(value);
  return number === null ? null : number + by;
}

function asNumber(value: Value): number | null {
  return typeof value === 'number' ? value : null;
}

function text(value: Value): string {
  return typeof value === 'string' ? value : '';
}
