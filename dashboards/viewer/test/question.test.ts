import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Question } from '../question';
import { DEFAULT_QUESTION, toQuery, toQuestion, toSaved } from '../question';
import { DEFAULT_STATE, formatState, parseState } from '../state';

const explore = (question: Partial<Question>) => ({ ...DEFAULT_STATE, view: 'explore', question: { ...DEFAULT_QUESTION, ...question } });

test('a question is readable in its link', () => {
  const state = explore({
    calculations: [{ op: 'P75', column: 'lcp.value' }, { op: 'COUNT' }], breakdowns: ['page.path'],
    havings: [{ calculate_op: 'COUNT', op: '>', value: 30 }], orders: [{ op: 'P75', column: 'lcp.value', order: 'descending' }], limit: 10,
  });
  assert.equal(formatState(state), '?view=explore&c=P75(lcp.value)&c=COUNT&by=page.path&having=COUNT:%3E:30&order=P75(lcp.value):descending&limit=10');
});

test('the whole question survives the URL', () => {
  const question: Question = {
    show: 'table',
    calculations: [{ op: 'COUNT', name: 'poor', filters: [{ column: 'lcp.rating', op: '=', value: 'poor' }] }, { op: 'P75', column: 'cart (items):a)' }],
    formulas: [{ name: 'poor share', expression: '$poor / $COUNT' }],
    fields: [{ name: 'total', expression: '$lcp.value + 1' }],
    breakdowns: ['page.path', 'COUNT'],
    havings: [{ calculate_op: 'P75', column: 'lcp.value', op: '>=', value: -0.5 }],
    orders: [{ column: 'page.path', order: 'ascending' }, { op: 'COUNT', order: 'descending' }],
    limit: 500,
    granularity: 3600,
    selection: { column: 'lcp.value', min: 'P90', start_time: 1, end_time: 2, group: { 'page.path': null } },
  };
  assert.deepEqual(parseState(formatState(explore(question))).question, question);
});

test('what cannot be read of a question is left out', () => {
  const { question } = parseState('?view=explore&show=pie&c=drop+table&c={&c={"op":7}&by=&having=COUNT:like:3&order=x&limit=-1&step=a&select=[]&formula=1');
  assert.deepEqual(question, DEFAULT_QUESTION);
});

test('only Explore has a question in its link', () => {
  assert.equal(formatState({ ...explore({ limit: 10 }), view: 'overview' }), '?');
});

test('a heat map asks for the cells of the first field, whatever else is asked', () => {
  const query = toQuery({ ...DEFAULT_QUESTION, show: 'heatmap', calculations: [{ op: 'COUNT' }, { op: 'P90', column: 'inp.value' }], breakdowns: ['page.path'], limit: 5 });
  assert.deepEqual(query, { calculations: [{ op: 'HEATMAP', column: 'inp.value' }, { op: 'P75', column: 'inp.value' }] });
});

test('groups are counted, so that few samples are seen', () => {
  const { calculations } = toQuery({ ...DEFAULT_QUESTION, calculations: [{ op: 'P75', column: 'lcp.value' }] });
  assert.deepEqual(calculations, [{ op: 'P75', column: 'lcp.value' }, { op: 'COUNT' }]);
});

test('groups of many events come first, unless another order is chosen', () => {
  const asked = (orders: Question['orders']) => toQuery({ ...DEFAULT_QUESTION, breakdowns: ['page.path'], orders }).orders;
  assert.deepEqual(asked([]), [{ op: 'COUNT', order: 'descending' }]);
  assert.deepEqual(asked([{ column: 'page.path', order: 'ascending' }]), [{ column: 'page.path', order: 'ascending' }]);
  assert.equal(toQuery(DEFAULT_QUESTION).orders, undefined);
});

test('a question that was kept is opened as it was', () => {
  const question: Question = {
    ...DEFAULT_QUESTION,
    show: 'table',
    calculations: [{ op: 'P75', column: 'lcp.value' }],
    formulas: [{ name: 'twice', expression: '$COUNT * 2' }],
    fields: [{ name: 'total', expression: '$lcp.value + 1' }],
    breakdowns: ['page.path'],
    havings: [{ calculate_op: 'COUNT', op: '>', value: 30 }],
    orders: [{ column: 'page.path', order: 'ascending' }],
    limit: 20,
    granularity: 3600,
  };

  assert.deepEqual(toQuestion(toSaved(question), 'table'), question);
});
