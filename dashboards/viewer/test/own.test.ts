import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mayEdit, withMoved, withResized, withoutPanel } from '../own';
import { newDefinition, withQuestion } from '../pinning';
import { DEFAULT_QUESTION } from '../question';
import type { Definition } from '../types';

const fields = new Map();
const filters = [{ column: 'kind', op: '=', value: 'page_view' }];
const lines = { ...DEFAULT_QUESTION, calculations: [{ op: 'P75', column: 'lcp.value' }], breakdowns: ['page.path'] };

test('what Explore shows becomes panels of a dashboard, with its filters', () => {
  const made = withQuestion(newDefinition('Mine'), { question: lines, filters, fields, title: 'Slow pages?' });
  assert.deepEqual(made.panels.map(({ id, kind, query, width }) => [id, kind, query, width]), [
    ['slow-pages', 'timeseries', 'query', 6], ['slow-pages-2', 'table', 'query', 12],
  ]);
  assert.deepEqual(made.queries.query!.filters, filters);
});

test('a second question takes no name of the first', () => {
  const one = withQuestion(newDefinition('Mine'), { question: lines, filters: [], fields, title: '9' });
  const both = withQuestion(one, { question: { ...lines, show: 'heatmap' }, filters: [], fields, title: '9' });
  assert.deepEqual(Object.keys(both.queries), ['query', 'query_2']);
  assert.deepEqual(both.panels.map(({ id }) => id), ['panel', 'panel-2', 'panel-3']);
});

test('a panel goes with its query, unless another panel shows it', () => {
  const made: Definition = { id: 'mine', ...withQuestion(newDefinition('Mine'), { question: lines, filters, fields, title: 'a' }) };
  const less = withoutPanel(made, 'a');
  assert.deepEqual([less.panels.map(({ id }) => id), Object.keys(less.queries)], [['a-2'], ['query']]);
  assert.deepEqual(withoutPanel(less, 'a-2').queries, {});
});

test('a panel moves by one place, and not beyond the ends', () => {
  const made: Definition = { id: 'mine', ...withQuestion(newDefinition('Mine'), { question: lines, filters, fields, title: 'a' }) };
  const ids = ({ panels }: Definition) => panels.map(({ id }) => id);
  assert.deepEqual(ids(withMoved(made, 'a', 1)), ['a-2', 'a']);
  assert.deepEqual(ids(withMoved(made, 'a-2', -1)), ['a-2', 'a']);
  assert.deepEqual(ids(withMoved(made, 'a', -1)), ['a', 'a-2']);
});

test('a panel becomes wider and narrower by steps', () => {
  const made: Definition = { id: 'mine', ...withQuestion(newDefinition('Mine'), { question: lines, filters, fields, title: 'a' }) };
  const widths = ({ panels }: Definition) => panels.map(({ width }) => width);
  assert.deepEqual(widths(withResized(made, 'a', 1)), [8, 12]);
  assert.deepEqual(widths(withResized(withResized(made, 'a', -1), 'a-2', 1)), [4, 12]);
});

test('editors of the dataset may change dashboards', () => {
  const user = (roles: object) => ({ kind: 'user', name: 'ada', roles }) as never;
  assert.equal(mayEdit(user({ '*': 'viewer', shop: 'editor' }), 'shop'), true);
  assert.equal(mayEdit(user({ '*': 'viewer', shop: 'editor' }), 'blog'), false);
  assert.equal(mayEdit(user({ '*': 'admin' }), 'blog'), true);
});
