import {guard} from './lib/guard.js';
import {toText, toWire} from './lib/toWire.js';
import type {Fields, Groups, PageView, WireEvent} from './types.js';

/** Returns what is known of a view. */
export type Reader = (view: PageView) => Groups;

const MAX_OWN_FIELDS = 50;
const MAX_OWN_TEXT = 1024;

/** What goes first, one after the other, when a body would be too large; vitals and errors never do. */
export const TRIMMED = ['mark'];

const readers: Reader[] = [];

/** The page's own fields. */
export const own: Fields = {};

/** Asks a reader for every row. */
export const read = (reader: Reader): void => void readers.push(reader);

/** Returns a page's own fields as far as they can be sent: named texts, numbers and booleans. */
export const cleanFields = (fields: Record<string, unknown> = {}): Fields => {
  const clean: Fields = {};
  for (const name of Object.keys(fields).slice(0, MAX_OWN_FIELDS)) {
    const value = fields[name];
    clean[name] = typeof value === 'string' ? toText(value, MAX_OWN_TEXT) : value === !!value || Number.isFinite(value) ? value as number : undefined;
  }
  return clean;
};

/** Returns the row of a view. Of a measured field and one of the page's own with the same name, the measured one counts. */
export const readRow = (view: PageView): Fields =>
  Object.assign({...own}, ...readers.map((reader) => toWire(guard(reader)(view) ?? {})), toWire(view.fields));

/**
 * Returns a body of at most `room` bytes, and takes the events that are in it, first ones first, out of the list. If need be,
 * parts of all events go before the last event does.
 */
export const writeBody = (events: WireEvent[], room: number): string => {
  for (let step = 0, count = events.length; count; step++) {
    const body = JSON.stringify({v: 1, sent_at: Date.now(), events: events.slice(0, count)});
    // No character has more than three bytes; counting them is worth it only where that could matter.
    if (body.length * 3 < room || new TextEncoder().encode(body).length < room) {
      events.splice(0, count);
      return body;
    }
    if (step >= TRIMMED.length) count--;
    for (const event of events) {
      for (const name in event) {
        if (name.startsWith(TRIMMED[step] + '.')) {
          delete event[name];
          event['beacon.cut'] = TRIMMED.slice(0, step + 1).join();
        }
      }
    }
  }
  return '';
};
