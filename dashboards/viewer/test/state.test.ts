import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DEFAULT_QUESTION } from '../question';
import type { State } from '../state';
import { DEFAULT_STATE, filterFor, fixedTime, formatState, parseState, timeFields, withFilter, withOnlyFilter } from '../state';
import type { Filter } from '../types';

const withFilters = (...filters: Filter[]): State => ({ ...DEFAULT_STATE, filters });

test('a cohort stands in the URL where the view is about it', () => {
  const cohort = { column: 'lcp.value', from: 'P70', to: 'P80' };

  assert.equal(formatState({ ...DEFAULT_STATE, view: 'explore', cohort }), '?view=explore&cohort=lcp.value:P70:P80');
  assert.deepEqual(parseState('?view=explore&cohort=lcp.value:P70:P80').cohort, cohort);
  assert.equal(formatState({ ...DEFAULT_STATE, cohort }), '?');
  assert.equal(parseState('?cohort=lcp.value:70').cohort, null);
});

test('an empty query is the default state', () => {
  assert.deepEqual(parseState(''), DEFAULT_STATE);
  assert.equal(formatState(DEFAULT_STATE), '?');
});

test('the whole state survives the URL', () => {
  const state: State = {
    view: 'page-view',
    dataset: 'shop & co',
    time: { start: 1_795_000_000, end: 1_795_003_600.5 },
    filters: [{ column: 'page.path', op: '=', value: '/a b?c=d&e#ü' }, { column: 'inp.value', op: '>=', value: 200 }],
    sort: { key: 'lcp.value', order: 'descending' },
    live: true,
    id: 'a/b:c',
    compare: 'week',
    split: true,
    parameters: { percentile: '95' },
    question: DEFAULT_QUESTION,
    cohort: null,
  };
  assert.deepEqual(parseState(formatState(state)), state);
});

test('a link is readable', () => {
  const state = { ...withFilters({ column: 'page.path', op: '=', value: '/check out' }), time: { preset: '7d' } as const };
  assert.equal(formatState(state), '?time=7d&f=page.path:=:/check+out');
});

test('every kind of value keeps its type', () => {
  const values = ['text', '', '42', 42, -0.5, 'true', true, 'null', '"quoted"', '[draft', '2026-11-23', ['a', 1, false], [], 'a:b:c', 'line\nbreak', '%20', '+'];
  for (const value of values) {
    const state = withFilters({ column: 'plan', op: Array.isArray(value) ? 'in' : '=', value });
    assert.deepEqual(parseState(formatState(state)).filters, state.filters);
  }
});

test('operators without a value survive', () => {
  const state = withFilters({ column: 'page.route', op: 'does-not-exist' }, { column: 'inp.value', op: 'exists' });
  assert.deepEqual(parseState(formatState(state)), state);
});

test('a name may hold a colon', () => {
  const state = withFilters({ column: 'cart:items', op: '!=', value: 3 });
  assert.deepEqual(parseState(formatState(state)), state);
});

test('a list written by hand may have one entry', () => {
  assert.deepEqual(parseState('?f=plan:in:gold').filters, [{ column: 'plan', op: 'in', value: ['gold'] }]);
});

test('what cannot be read is left out', () => {
  const state = parseState('?time=yesterday&f=plan&f=plan:like:gold&f=plan:=&f=:=:x&sort=lcp.value:up&live=yes');
  assert.deepEqual(state, DEFAULT_STATE);
});

test('a range that ends before it starts is left out', () => {
  assert.deepEqual(parseState('?time=2026-11-23T10:00:00Z_2026-11-23T09:00:00Z').time, DEFAULT_STATE.time);
});

test('a preset asks for the last seconds, a range for whole seconds around it', () => {
  assert.deepEqual(timeFields({ preset: '1h' }), { time_range: 3600 });
  assert.deepEqual(timeFields({ start: 10.5, end: 20.5 }), { start_time: 10, end_time: 21 });
});

test('a filter is added once', () => {
  const filter = filterFor('page.path', '/');
  assert.equal(withFilter(withFilter(DEFAULT_STATE, filter), filter).filters.length, 1);
});

test('a switch replaces its own filter only', () => {
  const state = withFilters(filterFor('device.type', 'mobile'), filterFor('page.path', '/'));
  assert.deepEqual(withOnlyFilter(state, 'device.type', null).filters, [filterFor('page.path', '/')]);
});

test('no value is a value to filter by', () => {
  assert.deepEqual(filterFor('page.route', null), { column: 'page.route', op: 'does-not-exist' });
});

test('a time that goes with the clock can be held', () => {
  assert.deepEqual(fixedTime({ preset: '1h' }, 10_000.7), { start: 6400, end: 10_000 });
  assert.deepEqual(fixedTime({ start: 1, end: 2.5 }, 10_000), { start: 1, end: 2.5 });
});
