import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createSharedApi } from '../api';
import { buildRequest, namedRequest } from '../definition';
import { DEFAULT_STATE } from '../state';
import type { Definition } from '../types';

const definition: Definition = {
  id: 'metric', title: 'Metric', description: '', choose_percentile: true,
  parameters: [{ name: 'vital', title: 'Vital', default: 'lcp', values: [{ value: 'lcp', title: 'LCP' }, { value: 'cls', title: 'CLS' }] }],
  queries: { all: { calculations: [{ op: 'COUNT' }], breakdowns: ['page.path'] } },
  panels: [],
};

test('a query of a link is asked by its name, its time and what its dashboard lets choose', () => {
  const state = { ...DEFAULT_STATE, parameters: { vital: 'cls', percentile: '95', other: 'x' } };
  const asked = namedRequest(definition, { ...buildRequest(definition, 'all', state, 'demo'), granularity_min_events: 40 }, state);
  assert.deepEqual(JSON.parse(JSON.stringify(asked)), { time_range: 86_400, granularity_min_events: 40, chosen: { vital: 'cls', percentile: '95' } });
});

test('a link asks below its own address alone', async () => {
  const paths: string[] = [];
  const link = createSharedApi({ fetch: async (path) => { paths.push(String(path)); return Response.json({}); } }, '/share/secret');
  await link.about();
  await link.named('all', { chosen: {} });
  assert.deepEqual(paths, ['/share/secret/dashboard', '/share/secret/query/all']);
});
