import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as format from '../format';

/** Ordinary spaces are easier to compare. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('durations keep three figures and choose the unit', () => {
  const cases: [number, string][] = [
    [0, '0 ms'], [4.234, '4.2 ms'], [9.96, '10 ms'], [245.4, '245 ms'], [999.4, '999 ms'], [999.6, '1.00 s'], [2499.9, '2.50 s'],
    [9994, '9.99 s'], [9996, '10.0 s'], [59_940, '59.9 s'], [59_960, '1 min'], [200_000, '3 min 20 s'], [3_599_900, '1 h'],
    [3_900_000, '1 h 5 min'], [200 * 3_600_000, '8 d 8 h'], [-312, '−312 ms'],
  ];
  for (const [ms, text] of cases) assert.equal(plain(format.formatDuration(ms)), text);
});

test('a vital is written in its unit', () => {
  assert.equal(plain(format.formatVital('lcp', 2841.3)), '2.84 s');
  assert.equal(format.formatVital('cls', 0.08312), '0.083');
  assert.equal(format.formatVital('cls', 0.1004), '0.100');
  assert.equal(format.formatVital('cls', 1.256), '1.26');
  assert.equal(format.formatVital('cls', 0), '0');
  assert.equal(format.formatVital('inp', null), '–');
});

test('shares add up to 100', () => {
  assert.deepEqual(format.formatShares([1, 1, 1]).map(plain), ['34 %', '33 %', '33 %']);
  assert.deepEqual(format.formatShares([2, 1, 0]).map(plain), ['67 %', '33 %', '0 %']);
});

test('a share that is not nothing is not written as nothing', () => {
  assert.deepEqual(format.formatShares([999, 1, 0]).map(plain), ['100 %', '<1 %', '0 %']);
});

test('shares of nothing are missing', () => {
  assert.deepEqual(format.formatShares([0, 0, 0]), ['–', '–', '–']);
});

test('bytes are written in decimal units', () => {
  assert.deepEqual([0, 512, 14_210, 99_960, 3_100_000].map((bytes) => plain(format.formatBytes(bytes))),
    ['0 B', '512 B', '14.2 kB', '100 kB', '3.1 MB']);
});

test('a field is written in the unit of the dictionary', () => {
  const number = (unit: string) => ({ type: 'number', unit });
  assert.equal(plain(format.formatField(1512, number('px'))), '1,512 px');
  assert.equal(plain(format.formatField(245.4, number('ms'))), '245 ms');
  assert.equal(format.formatField(false, { type: 'boolean', unit: '' }), 'false');
  assert.equal(format.formatField(null, number('ms')), '–');
  assert.equal(format.formatField('2026-11-23T08:00:01.025Z', { type: 'time', unit: '' }), '23 Nov 2026, 09:00:01.025');
});

test('text that is no time is a missing time', () => {
  assert.equal(format.formatField('yesterday', { type: 'time', unit: '' }), '–');
});

test('a range names its day once where one is enough', () => {
  const start = Date.parse('2026-11-23T08:00:00Z');
  assert.equal(format.formatRange(start, start + 3_600_000), '23 Nov 2026, 09:00 – 10:00');
  assert.equal(format.formatRange(start, start + 86_400_000), '23 Nov 2026, 09:00 – 24 Nov 2026, 09:00');
});

test('how long ago is rounded down, and a clock that is ahead does not matter', () => {
  const ago = (seconds: number) => plain(format.formatAgo(1e12 - seconds * 1000, 1e12));
  assert.deepEqual([-5, 3, 59, 3599, 90_000, 300_000].map(ago), ['just now', 'just now', '59 s ago', '59 min ago', '25 h ago', '3 d ago']);
});

test('a stored text has no character that is obeyed instead of seen', () => {
  assert.equal(format.harmless('a\u202egpj.exe\u0007\u001b[31m\u009b1m\ud800b\u2067'), 'a\ufffdgpj.exe\ufffd\ufffd[31m\ufffd1m\ufffdb\ufffd');
  assert.equal(format.harmless('Zürich 東京 🚀\n\tat f'), 'Zürich 東京 🚀\n\tat f');
  assert.equal(format.formatField('\u202e', { type: 'string', unit: '' }), '\ufffd');
});

test('what is read from the right is isolated in a sentence', () => {
  assert.equal(format.quoted('שלום 1'), '\u2068שלום 1\u2069');
  assert.equal(format.quoted('hello'), 'hello');
});

test('the steps of an axis of durations are written in the unit in which they are round', () => {
  assert.deepEqual([0, 500, 2500, 90_000, 1_800_000, 9_000_000].map((ms) => plain(format.formatAxisDuration(ms))), ['0', '500 ms', '2.5 s', '90 s', '30 min', '2.5 h']);
});
