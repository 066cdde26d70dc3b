import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkDefinition, formatUptime, toSpans } from '../checks';
import { usedQueries } from '../definition';
import type { CheckRun } from '../types';
import { compareRuns } from '../views/checkRun';

const bar = (time: string, pass: number, fail = 0) => ({ time, pass, fail, degraded: 0, no_data: 0 });

test('spans of time without a run are among the others, and the worst of a span counts', () => {
  const spans = toSpans([bar('2026-11-23T08:00:00Z', 3, 1), bar('2026-11-23T10:00:00Z', 4)], {
    start_time: Date.parse('2026-11-23T08:00:00Z') / 1000, end_time: Date.parse('2026-11-23T11:00:00Z') / 1000, granularity: 3600,
  });

  assert.deepEqual(spans.map(({ status }) => status), ['fail', null, 'pass']);
});

test('an outage is never rounded up to 100 %', () => {
  assert.deepEqual([100, 99.999, 99.99, 96.428, 0, null].map((uptime) => formatUptime(uptime).replace('\u00a0', ' ')), ['100 %', '99.999 %', '99.99 %', '96.43 %', '0 %', '–']);
});

test('a check shows what its kind has', () => {
  assert.deepEqual(usedQueries(checkDefinition('a', 'http')), ['runs', 'places', 'phases']);
  assert.deepEqual(usedQueries(checkDefinition('a', 'journey')), ['runs', 'places', 'steps']);
  assert.deepEqual(usedQueries(checkDefinition('a', 'push')), ['runs', 'places']);
});

test('two runs are compared step by step', () => {
  const run = (status: string, took: number): CheckRun => ({
    run: { 'check.status': status, 'check.duration': took }, attempts: [], probes: [], page_views: [], others: [], evidence: [],
    steps: [{ 'check.step.index': 0, 'check.step.name': 'open', 'check.step.status': status, 'check.step.duration': took }],
  });
  const rows = compareRuns(run('fail', 5000), run('pass', 400));

  assert.deepEqual(rows.find(({ title }) => title === 'Ended'), { title: 'Ended', one: 'fail', other: 'pass', change: 'differs' });
  assert.deepEqual(rows.find(({ title }) => title === 'Step open'), { title: 'Step open', one: 'fail, 5.00\u00a0s', other: '400\u00a0ms', change: '+4.60\u00a0s' });

  const skipped = compareRuns(run('skipped', 0), run('pass', 400)).find(({ title }) => title === 'Step open');
  assert.deepEqual(skipped, { title: 'Step open', one: 'skipped', other: '400\u00a0ms', change: '' });
});
