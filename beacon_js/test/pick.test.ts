import assert from 'node:assert/strict';
import test from 'node:test';
import {pick, snakeCase} from '../src/lib/pick.js';

test('platform names become dictionary names', () => {
  assert.equal(snakeCase('domContentLoadedEventStart'), 'dom_content_loaded_event_start');
  assert.equal(snakeCase('rtt'), 'rtt');
});

test('pick returns the named properties, also inherited ones', () => {
  const connection = Object.create({effectiveType: '4g', rtt: 0});

  assert.deepEqual(pick(connection, 'effectiveType rtt'), {effective_type: '4g', rtt: 0});
});

test('pick of a missing object has nothing to say', () => {
  assert.deepEqual(JSON.stringify(pick(undefined, 'rtt')), '{}');
});

test('pick leaves out what is not meant', () => {
  assert.deepEqual(
    pick({a: 0, b: 5}, 'a b', (value) => value),
    {b: 5},
  );
});
