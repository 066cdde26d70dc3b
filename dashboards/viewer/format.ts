/** How values are written: numbers, durations, sizes, shares and moments. Everything rounds here and nowhere else. */

import type { Value, VitalName } from './types';
import { VITALS } from './vitals';

/** No-break space: a number and its unit never part. */
export const GAP = '\u00a0';
const LOCALE = 'en-GB';
export const MISSING = '–';
const COUNTRY = 'geo.country.iso_code';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });
const short = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 4 });
const plain = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 6 });

/** What a terminal or the order of reading would obey, and halves of characters. */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Writes a text that somebody else has written, with a mark in place of every character that is not one to see. */
export function harmless(text: string): string {
  return text.replace(OBEYED, '\ufffd');
}

/** What is read from the right. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** The same within a sentence of ours that can hold no markup: isolated where it would move the words around it. */
export function quoted(text: string): string {
  const shown = harmless(text);
  return RIGHT_TO_LEFT.test(shown) ? `\u2068${shown}\u2069` : shown;
}

/** Writes a count in full: `48,201`. */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** Writes a number that is no count: `48,201`, `0.0325`. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 1000 ? whole.format(value) : short.format(value);
}

/** Writes a count for an axis: `48.2K`. */
export function formatCompact(value: number): string {
  return compact.format(value);
}

/** Writes milliseconds: `4.2 ms`, `245 ms`, `2.84 s`, `12.4 s`, `3 min 20 s`, `1 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `−${formatDuration(-ms)}`;
  if (ms === 0) return `0${GAP}ms`;
  if (ms < 9.95) return `${ms.toFixed(1)}${GAP}ms`;
  if (ms < 999.5) return `${whole.format(ms)}${GAP}ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)}${GAP}s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}${GAP}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return joinUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 2880) return joinUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${large}${GAP}${largeUnit}`;
  return small === 0 ? head : `${head} ${small}${GAP}${smallUnit}`;
}

/** Writes a duration for an axis, where the steps are round: `500 ms`, `2.5 s`, `40 min`, `5 h`. */
export function formatAxisDuration(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 1000) return `${plain.format(ms)}${GAP}ms`;
  if (ms < 120_000) return `${plain.format(ms / 1000)}${GAP}s`;
  return ms < 7_200_000 ? `${short.format(ms / 60_000)}${GAP}min` : `${short.format(ms / 3_600_000)}${GAP}h`;
}

/** Writes a number of bytes: `512 B`, `14.2 kB`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? whole.format(value) : value.toFixed(1)}${GAP}${units[unit]}`;
}

/** Writes a vital's value in its unit. */
export function formatVital(name: VitalName, value: number | null): string {
  if (value === null) return MISSING;
  if (VITALS[name].unit === 'ms') return formatDuration(value);
  return value === 0 ? '0' : value.toFixed(value < 0.9995 ? 3 : 2);
}

let countries: Intl.DisplayNames | undefined;

/** Writes a country by its two letters: `Brazil`; letters that are no country stay as they are. */
export function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return harmless(code);
  countries ??= new Intl.DisplayNames(LOCALE, { type: 'region' });
  return countries.of(code) ?? code;
}

/** Writes the value of a field of the dictionary; a time is ISO 8601 or epoch seconds. */
export function formatField(value: Value, field: { type: string; unit: string; name?: string }): string {
  if (value === null || value === undefined) return MISSING;
  if (field.name === COUNTRY && typeof value === 'string') return countryName(value);
  if (field.type === 'time' && typeof value === 'string') return formatInstant(Date.parse(value));
  if (typeof value !== 'number') return harmless(String(value));
  if (field.type === 'time') return formatMoment(value * 1000);
  if (field.unit === 'ms') return formatDuration(value);
  if (field.unit === 'bytes') return formatBytes(value);
  return field.unit ? `${plain.format(value)}${GAP}${field.unit}` : plain.format(value);
}

/** Writes shares of a whole as percentages that add up to 100 (the largest remainders are rounded up). */
export function formatShares(counts: readonly number[]): string[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return counts.map(() => MISSING);
  const exact = counts.map((count) => (count * 100) / total);
  const floors = exact.map(Math.floor);
  const missing = 100 - floors.reduce((sum, share) => sum + share, 0);
  const byRemainder = exact.map((_, index) => index).sort((a, b) => exact[b]! - floors[b]! - (exact[a]! - floors[a]!));
  for (const index of byRemainder.slice(0, missing)) floors[index]! += 1;
  return floors.map((share, index) => (share === 0 && counts[index]! > 0 ? `<1${GAP}%` : `${share}${GAP}%`));
}

const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: 'short', day: 'numeric', month: 'short' });
const dayYear = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' });

/** Writes the time of day: `14:05`. */
export function formatClock(ms: number): string {
  return clock.format(ms);
}

/** Writes the day: `23 Nov`. */
export function formatDay(ms: number): string {
  return day.format(ms);
}

/** Writes a moment of a list to the second: `23 Nov, 14:05:09`. */
export function formatSecond(ms: number): string {
  return Number.isNaN(ms) ? MISSING : `${day.format(ms)}, ${clockSeconds.format(ms)}`;
}

/** Writes a moment to the second: `23 Nov 2026, 14:05:09`. */
export function formatMoment(ms: number): string {
  return Number.isNaN(ms) ? MISSING : `${dayYear.format(ms)}, ${clockSeconds.format(ms)}`;
}

/** Writes a moment to the millisecond, as an event holds it: `23 Nov 2026, 14:05:09.204`. */
export function formatInstant(ms: number): string {
  return Number.isNaN(ms) ? MISSING : `${formatMoment(ms)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** Writes a moment of the chart to the minute: `Mon 23 Nov, 14:05`. */
export function formatMinute(ms: number): string {
  return `${weekday.format(ms)}, ${clock.format(ms)}`;
}

/** Writes from when to when, naming the day once where one is enough. */
export function formatRange(start: number, end: number): string {
  const sameDay = dayYear.format(start) === dayYear.format(end);
  return `${dayYear.format(start)}, ${clock.format(start)} – ${sameDay ? '' : `${dayYear.format(end)}, `}${clock.format(end)}`;
}

/** Writes how long ago a moment was: `just now`, `3 min ago`, `2 d ago`. */
export function formatAgo(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${seconds}${GAP}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${GAP}min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}${GAP}h ago`;
  return `${Math.floor(seconds / 86_400)}${GAP}d ago`;
}

/** The reader's time zone, in which all moments are written. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
