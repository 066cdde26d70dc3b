import assert from 'node:assert/strict';
import { test } from 'node:test';

import { applyParameters, buildRequest, describeFilter, describeScope, exploreState, isEmpty, packRows, usedQueries, withSuitedPoints } from '../definition';
import { DEFAULT_STATE } from '../state';
import type { Definition, PanelOptions, Query } from '../types';

const meta = { elapsed_ms: 1, rows_read: 1, start_time: 0, end_time: 86_400, granularity: 600, limited: false };
const panel = (id: string, width: number, query = 'a'): PanelOptions => ({ id, kind: 'timeseries', title: id, query, width, mark: 'bars', value: 'COUNT' });
const definition: Definition = {
  id: 'test',
  title: 'Test',
  description: '',
  filters: [{ column: 'kind', op: '=', value: 'page_view' }],
  queries: { a: { calculations: [{ op: 'COUNT' }], filters: [{ column: 'inp.value', op: 'exists' }] }, b: { calculations: [{ op: 'COUNT' }] } },
  panels: [panel('one', 6), panel('two', 6), panel('three', 4, 'b')],
};

/** An answer whose series has so many events in each of its buckets of 10 minutes. */

test('a request joins the filters of dashboard, query and reader', () => {
  const state = { ...DEFAULT_STATE, filters: [{ column: 'page.path', op: '=', value: '/' }] };
  const request = buildRequest(definition, 'a', state, 'demo');
  assert.deepEqual(request.filters?.map(({ column }) => column), ['kind', 'inp.value', 'page.path']);
  assert.equal(request.dataset, 'demo');
});

test('a request compares with the time before, or with whole weeks before', () => {
  const asked = (state: object) => buildRequest(definition, 'a', { ...DEFAULT_STATE, ...state }, 'demo').compare_time_offset_seconds;
  assert.equal(asked({}), undefined);
  assert.equal(asked({ compare: 'previous' }), 86_400);
  assert.equal(asked({ compare: 'week', time: { preset: '30d' } }), 5 * 604_800);
});

test('devices are split where every panel of the query can show it', () => {
  const asked = (panels: PanelOptions[], more: object = {}) =>
    buildRequest({ ...definition, panels, queries: { a: { calculations: [{ op: 'COUNT' }], ...more } } }, 'a', { ...DEFAULT_STATE, split: true, compare: 'week' }, 'demo');
  const split = asked([panel('one', 6)]);
  assert.deepEqual([split.breakdowns, split.disable_total_by_aggregate, split.compare_time_offset_seconds], [['device.type'], false, undefined]);
  assert.equal(asked([panel('one', 6), { id: 'two', kind: 'shares', title: '', query: 'a', width: 6, parts: [] }]).breakdowns, undefined);
  assert.deepEqual(asked([panel('one', 6)], { breakdowns: ['page.path'] }).breakdowns, ['page.path']);
});

const about: Definition = {
  ...definition,
  parameters: [{ name: 'vital', title: 'Vital', default: 'lcp', values: [{ value: 'lcp', title: 'LCP' }, { value: 'inp', title: 'INP' }] }],
  queries: { a: { calculations: [{ op: 'P75', column: '{vital}.value' }, { op: 'COUNT' }] } },
  panels: [{ ...panel('one', 6), value: 'P75({vital}.value)', title: '{vital} {other}' } as PanelOptions],
};

test('a parameter stands in queries and panels', () => {
  const { queries, panels } = applyParameters(about, { vital: 'inp' });
  assert.equal(queries.a!.calculations[0]!.column, 'inp.value');
  assert.deepEqual([panels[0]!.title, 'value' in panels[0]! && panels[0].value], ['inp {other}', 'P75(inp.value)']);
});

test('what is no value of a parameter leaves it at its default', () => {
  for (const chosen of [{}, { vital: 'x}' }, { constructor: 'inp' }] as Record<string, string>[]) assert.equal(applyParameters(about, chosen).panels[0]!.title, 'lcp {other}');
});

test('another percentile takes the place of p75 where the definition lets it', () => {
  const whole: Definition = {
    ...definition,
    queries: { a: { calculations: [{ op: 'P75', column: 'lcp.value' }] } },
    panels: [{ ...panel('one', 6), value: 'P75(lcp.value)', title: 'LCP, p75' } as PanelOptions],
  };
  const chosen = (percentile: string, choose_percentile = true) => applyParameters({ ...whole, choose_percentile }, { percentile });
  assert.equal(chosen('95').queries.a!.calculations[0]!.op, 'P95');
  assert.equal(chosen('95').panels[0]!.title, 'LCP, p95');
  for (const untouched of [chosen('75'), chosen('12'), chosen('95', false)]) assert.equal(untouched.panels[0]!.title, 'LCP, p75');
});

test('a panel opens in Explore with what it shows, and with all filters', () => {
  const state = { ...DEFAULT_STATE, filters: [{ column: 'page.path', op: '=', value: '/' }], time: { preset: '7d' } as const };
  const whole = applyParameters(about, {});
  const { view, question, filters, time } = exploreState(whole, whole.panels[0]!, state);
  assert.deepEqual([view, question.show, time], ['explore', 'bars', { preset: '7d' }]);
  assert.deepEqual(question.calculations, [{ op: 'P75', column: 'lcp.value' }]);
  assert.deepEqual(filters.map(({ column }) => column), ['kind', 'page.path']);
});

test('a formula comes to Explore with the calculations that it needs', () => {
  const query = { calculations: [{ op: 'COUNT' }, { op: 'COUNT', name: 'poor' }, { op: 'AVG', column: 'lcp.value' }], formulas: [{ name: 'share', expression: '$poor / $COUNT' }] };
  const table: PanelOptions = { id: 't', kind: 'table', title: 't', query: 'a', width: 12, columns: [{ key: 'share', title: 'Share' }] };
  const { question } = exploreState({ ...definition, queries: { a: query } }, table, DEFAULT_STATE);
  assert.deepEqual(question.calculations.map(({ op, name }) => name ?? op), ['COUNT', 'poor']);
  assert.deepEqual([question.show, question.formulas], ['table', query.formulas]);
});

test('a query that panels share is asked once', () => {
  assert.deepEqual(usedQueries(definition), ['a', 'b']);
});

test('rows hold at most twelve columns', () => {
  const rows = packRows([panel('a', 8), panel('b', 4), panel('c', 5), panel('d', 8), panel('e', 12)]);
  assert.deepEqual(rows.map((row) => row.map(({ id }) => id)), [['a', 'b'], ['c'], ['d'], ['e']]);
});

test('an answer of zeros and nulls is empty', () => {
  assert.equal(isEmpty([{ results: [{ data: { COUNT: 0, 'P75(lcp.value)': null } }], meta }, { results: [], meta }]), true);
  assert.equal(isEmpty([{ results: [{ data: { COUNT: 1 } }], meta }]), false);
});

test('points over time are as wide as it takes, where their width is not chosen and events are counted', () => {
  const least = (query: object) => withSuitedPoints<Query>({ calculations: [{ op: 'COUNT' }], ...query }).granularity_min_events;

  assert.equal(least({}), 30);
  assert.deepEqual([{ granularity: 60 }, { disable_series: true }, { calculations: [{ op: 'P75', column: 'lcp.value' }] }].map(least), [undefined, undefined, undefined]);
});

test('filters read as people write them', () => {
  assert.equal(describeFilter({ column: 'user_agent.is_bot', op: '!=', value: true }), 'user_agent.is_bot ≠ true');
  assert.equal(describeFilter({ column: 'plan', op: 'not-in', value: ['free', 'team'] }), 'plan not in free, team');
  assert.equal(describeFilter({ column: 'page.route', op: 'does-not-exist' }), 'page.route does not exist');
});

const VIEWS = { column: 'kind', op: '=', value: 'page_view' };
const PEOPLE = { column: 'user_agent.is_bot', op: '!=', value: true };
const SOFT = ['soft-navigation', 'route-change'];

test('a dashboard says in words what it counts, and what it leaves out', () => {
  assert.match(
    describeScope([VIEWS, PEOPLE, { column: 'navigation.type', op: 'not-in', value: SOFT }]),
    /^This dashboard counts page views\. Left out: robots and synthetic checks, soft navigations\. A page that was hidden .* prerendered/,
  );
  assert.equal(
    describeScope([PEOPLE, { column: 'error.from_extension', op: '!=', value: true }]),
    'Left out: robots and synthetic checks, errors of browser extensions.',
  );
  assert.equal(describeScope([]), '');
});

test('a filter that has no words of its own is said as it is', () => {
  assert.match(
    describeScope([VIEWS, PEOPLE, { column: 'navigation.type', op: 'in', value: SOFT }]),
    /^This dashboard counts only page views with navigation\.type in soft-navigation, route-change\. Left out: robots and synthetic checks\./,
  );
  assert.equal(describeScope([{ column: 'plan', op: '=', value: 'free' }]), 'This dashboard counts only events with plan = free.');
});
