import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clampWidth, dropPlace, isChanged, toDraft, withDraft, withPanel, withPlaced, withoutPanel } from '../editing';
import { mayEdit } from '../own';
import { newDefinition, withQuestion } from '../pinning';
import { DEFAULT_QUESTION } from '../question';
import type { Draft } from '../editing';
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

/** A dashboard of the panels a and a-2, which show the same query. */
const made: Definition = { id: 'mine', ...withQuestion(newDefinition('Mine'), { question: lines, filters, fields, title: 'a' }) };
const draft = toDraft(made);
const ids = ({ panels }: Draft) => panels.map(({ id }) => id);

test('a panel goes with its query, unless another panel shows it', () => {
  const less = withoutPanel(draft, 'a');
  assert.deepEqual([ids(less), Object.keys(withDraft(made, less).queries)], [['a-2'], ['query']]);
  assert.deepEqual(withDraft(made, withoutPanel(less, 'a-2')).queries, {});
});

test('a panel is put in a place, and not beyond the ends', () => {
  assert.deepEqual(ids(withPlaced(draft, 'a', 1)), ['a-2', 'a']);
  assert.deepEqual(ids(withPlaced(draft, 'a', 9)), ['a-2', 'a']);
  assert.deepEqual(ids(withPlaced(draft, 'a-2', -1)), ['a-2', 'a']);
  assert.deepEqual(ids(withPlaced(draft, 'none', 0)), ['a', 'a-2']);
});

test('a panel becomes wider and narrower within the columns', () => {
  assert.deepEqual(withPanel(draft, 'a', { width: clampWidth(40) }).panels.map(({ width }) => width), [12, 12]);
  assert.equal(clampWidth(0), 2);
});

test('a change that is taken back is none', () => {
  assert.equal(isChanged(made, withPanel(draft, 'a', { title: 'b' })), true);
  assert.equal(isChanged(made, withPanel(withPanel(draft, 'a', { title: 'b' }), 'a', { title: 'a' })), false);
});

test('a pointer drops a panel before or after the one that it is over', () => {
  // Two beside each other, and one below them on the whole width.
  const rects = [
    { left: 0, right: 100, top: 0, bottom: 50 },
    { left: 110, right: 210, top: 0, bottom: 50 },
    { left: 0, right: 210, top: 60, bottom: 160 },
  ];
  const places = [[10, 10], [90, 10], [200, 10], [300, 10], [10, 55], [200, 70], [10, 150], [10, 900]].map(([x, y]) => dropPlace(rects, x!, y!));
  assert.deepEqual(places, [0, 1, 2, 2, 2, 2, 3, 3]);
});

test('editors of the dataset may change dashboards', () => {
  const user = (roles: object) => ({ kind: 'user', name: 'ada', roles }) as never;
  assert.equal(mayEdit(user({ '*': 'viewer', shop: 'editor' }), 'shop'), true);
  assert.equal(mayEdit(user({ '*': 'viewer', shop: 'editor' }), 'blog'), false);
  assert.equal(mayEdit(user({ '*': 'admin' }), 'blog'), true);
});
