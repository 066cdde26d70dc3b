import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCache } from '../resource';

test('what came with the page is taken once, and known from then on', () => {
  const cache = createCache(2, { me: 'anna' });

  assert.deepEqual([cache.get('me'), cache.take('me'), cache.take('me'), cache.get('me')], [undefined, 'anna', undefined, 'anna']);
});

test('a cache forgets the answer that was stored longest ago', () => {
  const cache = createCache(2);

  cache.set('a', 1, 0);
  cache.set('b', 2, 0);
  cache.set('a', 3, 0);
  cache.set('c', 4, 0);

  assert.deepEqual(['a', 'b', 'c'].map((key) => cache.get(key)), [3, undefined, 4]);
});

test('an answer is fresh for some seconds, and only until everything is asked again', () => {
  let now = 0;
  const cache = createCache(2, {}, () => now);
  cache.set('a', 1, 7);

  assert.deepEqual([cache.isFresh('a', 7), cache.isFresh('a', 8), cache.isFresh('b', 7)], [true, false, false]);
  now = 10_000;
  assert.deepEqual([cache.isFresh('a', 7), cache.get('a')], [false, 1]);
});
