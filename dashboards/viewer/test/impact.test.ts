import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toBuckets, wilson } from '../panels/impact';
import { fillSegments } from '../segments';
import type { Definition } from '../types';

const keys = { bucket: 'range', total: 'sessions', part: 'converted' };

test('ranges stand in the order of their values, open ones at the ends', () => {
  const rows = ['>= 6000', '1000 - 1500', '500 - 1000', '< 0'].map((range) => ({ range, sessions: 20, converted: 5 }));

  assert.deepEqual(toBuckets(rows, keys).map(({ from, to }) => [from, to]), [[-Infinity, 0], [500, 1000], [1000, 1500], [6000, Infinity]]);
});

test('what has no range or no session is left out', () => {
  assert.deepEqual(toBuckets([{ range: null, sessions: 3, converted: 1 }, { range: '0 - 500', sessions: 0, converted: 0 }], keys), []);
});

test('the interval of a rate stays within 0 and 1', () => {
  const none = wilson(0, 12);
  const all = wilson(12, 12);

  assert.ok(none.low === 0 && none.high > 0.2 && none.high < 0.3);
  assert.ok(all.high === 1 && Math.abs(all.low - (1 - none.high)) < 1e-9);
});

test('a segment within a group about sessions is filled in, and an empty one takes the group with it', () => {
  const filters = [{ filters: [{ segment: 'done' }], sessions: 'with' }] as never;
  const definition: Definition = {
    id: 'impact', title: '', description: '', segments: [{ name: 'done', title: 'Done', filters: [{ column: 'page.path', op: '=', value: '/thanks' }] }],
    queries: { q: { calculations: [{ op: 'COUNT', filters }] } }, panels: [],
  };

  assert.deepEqual(fillSegments(definition, {}).queries.q!.calculations[0]!.filters, [{ filters: [{ column: 'page.path', op: '=', value: '/thanks' }], sessions: 'with' }]);
  assert.equal(fillSegments(definition, { done: '' }).queries.q!.calculations[0]!.filters, undefined);
});
