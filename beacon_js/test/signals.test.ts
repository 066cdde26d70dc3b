import assert from 'node:assert/strict';
import test from 'node:test';
import {describe} from '../src/signals/errors.js';
import {readQuery} from '../src/signals/page.js';
import {readServerTiming} from '../src/signals/serverTiming.js';
import {getVisibleTime} from '../src/signals/visibility.js';

const timing = (name: string, duration = 0, description = '') => ({name, duration, description}) as PerformanceServerTiming;

test('every Server-Timing entry is told: its time, its text, or that it was there', () => {
  const {server_timing} = readServerTiming([timing('db', 53.2), timing('cache', 0, 'HIT'), timing('miss'), timing('app', 47, 'render')]);

  assert.deepEqual(JSON.parse(JSON.stringify(server_timing)), {
    'db': 53.2, 'db.description': '', 'cache.description': 'HIT', 'miss': 0, 'miss.description': '', 'app': 47, 'app.description': 'render',
  }); // prettier-ignore
});

test('the trace comes from Server-Timing, else from the meta tag', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const expected = {trace_id: '0af7651916cd43dd8448eb211c80319c', parent_id: 'b7ad6b7169203331'};

  assert.deepEqual(readServerTiming([timing('traceparent', 0, parent)], 'x').trace, expected);
  assert.deepEqual(readServerTiming([], parent).trace, expected);
  assert.deepEqual(readServerTiming([], 'nonsense').trace, {trace_id: undefined, parent_id: undefined});
});

test('of a query, campaigns and named parameters are told', () => {
  const search = new URLSearchParams('utm_source=mail&utm_campaign=spring&utm_evil=x&token=secret&q=shoes');

  assert.deepEqual(readQuery(search, 'q page'), {campaign: {source: 'mail', name: 'spring'}, 'page.query': {q: 'shoes'}});
});

test('visible time is the sum of what was seen', () => {
  const states = [
    {state: 'visible', time: 0},
    {state: 'hidden', time: 100},
    {state: 'visible', time: 250},
  ];

  assert.equal(getVisibleTime(states, 300), 150);
  assert.equal(getVisibleTime([{state: 'hidden', time: 0}], 300), 0);
});

test('anything can be thrown', () => {
  const {type, message, stacktrace} = describe(new TypeError('no'));

  assert.deepEqual([type, message], ['TypeError', 'no']);
  assert.match(stacktrace!, /^TypeError: no\n/);
  assert.deepEqual(describe('why'), {type: 'string', message: 'why'});
  assert.deepEqual(describe(null), {type: 'object', message: 'null'});
  assert.deepEqual(describe({code: 7}), {type: 'object', message: '{"code":7}'});
});
