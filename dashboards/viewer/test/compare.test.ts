import assert from 'node:assert/strict';
import { test } from 'node:test';

import { overlay, shareBelow } from '../charts/distribution';
import { applyParameters } from '../definition';
import { differenceOf } from '../panels/interval';
import { withChosen, withSegment } from '../segments';
import { DEFAULT_STATE, formatState, parseState } from '../state';
import type { Definition } from '../types';

const side = (value: number, low: number, high: number, samples = 500) => ({ value, interval: { low, high, effective_rows: samples }, samples });
const mobile = { column: 'device.type', op: '=', value: 'mobile' };
const slow = { column: 'lcp.value', op: '>', value: 2500 };
const definition: Definition = {
  id: 'compare', title: 'Compare', description: '',
  segments: [{ name: 'a', title: 'A', filters: [mobile] }, { name: 'b', title: 'B', filters: [] }],
  queries: { q: { calculations: [
    { op: 'P75', column: 'lcp.value', name: 'a', filters: [{ segment: 'a' }, slow] as never },
    { op: 'P75', column: 'lcp.value', name: 'b', filters: [{ segment: 'b' }] as never },
  ] } },
  panels: [{ id: 'd', kind: 'delta', title: '{a} and {b}', query: 'q', width: 12, a: '{a}', b: '{b}', pairs: [] }],
};

test('a difference has the interval of both sides', () => {
  const { value, low, high, verdict } = differenceOf(side(2000, 1900, 2100), side(2500, 2460, 2540))!;

  assert.equal(value, 500);
  assert.ok(Math.abs(low - (500 - Math.hypot(40, 100))) < 1e-9);
  assert.ok(Math.abs(high - (500 + Math.hypot(40, 100))) < 1e-9);
  assert.equal(verdict, 'higher');
});

test('where the interval holds 0 there is no clear difference, and too few samples have none', () => {
  assert.equal(differenceOf(side(2000, 1800, 2200), side(2100, 1900, 2400))!.verdict, 'no clear difference');
  assert.equal(differenceOf(side(2000, 1900, 2100), side(9000, 8000, 9900, 9))!.verdict, 'too few');
  assert.equal(differenceOf(side(2000, 1900, 2100), side(1000, 950, 1050))!.verdict, 'lower');
});

test('calculations get the filters of their segment, and texts what they say', () => {
  const filled = applyParameters(definition, {});

  assert.deepEqual(filled.queries.q!.calculations.map(({ filters }) => filters), [[mobile, slow], undefined]);
  assert.equal(filled.panels[0]!.title, 'device.type = mobile and all');
});

test('what a reader chooses for a segment stands in the URL, and a copy keeps it', () => {
  const state = withSegment(DEFAULT_STATE, definition.segments![1]!, [{ column: 'page.route', op: 'in', value: ['/a&b', '/c'] }, slow]);
  const { parameters } = parseState(formatState(state));

  assert.deepEqual(applyParameters(definition, parameters).queries.q!.calculations[1]!.filters, [{ column: 'page.route', op: 'in', value: ['/a&b', '/c'] }, slow]);
  assert.deepEqual(withChosen(definition, parameters).segments![1]!.filters.length, 2);
});

test('distributions of different cells are put into the same ones, each as a whole', () => {
  const drawn = overlay([{ edges: [100, 200, 400], cells: [[0, 30], [1, 10]] }, { edges: [150, 300, 600], cells: [[0, 5], [1, 5]] }])!;

  for (const line of drawn.shares) assert.ok(Math.abs(line.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
  assert.equal(drawn.shares[0]!.length, drawn.scale.end);
});

test('zeros have a cell of their own, and an empty group is nothing', () => {
  const drawn = overlay([{ edges: [0, 0.01, 0.1], cells: [[0, 3], [1, 1]] }, { edges: [], cells: [] }])!;

  assert.equal(drawn.scale.edges[0], 0);
  assert.equal(drawn.shares[0]![0], 0.75);
  assert.deepEqual(drawn.shares[1]!.filter((share) => share !== 0), []);
  assert.equal(overlay([{ edges: [], cells: [] }]), null);
});

test('within a cell values lie by their ratio', () => {
  assert.ok(Math.abs(shareBelow({ edges: [100, 400], cells: [[0, 8]] }, 200) - 0.5) < 1e-9);
});
