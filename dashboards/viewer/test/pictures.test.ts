import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countWaiting, formatDifference, lastDecisions } from '../pictures';
import type { Baseline } from '../types';

test('what waits is counted in words', () => {
  assert.deepEqual([1, 2].map(countWaiting), ['1 picture awaits a look', '2 pictures await a look']);
});

test('a small difference is not rounded to none', () => {
  assert.deepEqual([0, 0.0004, 0.123456, 12.5].map(formatDifference), ['0\u00a0%', 'less than 0.01\u00a0%', '0.123\u00a0%', '12.5\u00a0%']);
});

test('of each step the last decision is told, the newest first', () => {
  const at = (id: string, ...times: string[]) => ({ id, history: times.map((time) => ({ what: 'accepted', at: time, by: 'jo', run_id: '' })) }) as Baseline;
  const found = lastDecisions([at('a', '2026-11-01T10:00:00+00:00', '2026-11-02T10:00:00+00:00'), at('b', '2026-11-03T10:00:00+00:00'), at('c')]);
  assert.deepEqual(found.map(({ baseline, at: time }) => [baseline.id, time.slice(0, 10)]), [['b', '2026-11-03'], ['a', '2026-11-02']]);
});
