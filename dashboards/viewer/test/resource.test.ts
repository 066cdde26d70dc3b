import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCache } from '../resource';

test('what came with the page is taken once, and known from then on', () => {
  const cache = createCache(2, { me: 'anna' });

  assert.deepEqual([cache.get('me'), cache.take('me'), cache.take('me'), cache.get('me')], [undefined, 'anna', undefined, 'anna']);
});

test('a cache forgets the answer that was stored longest ago', () => {
  const cache = createCache(2);

  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 3);
  cache.set('c', 4);

  assert.deepEqual(['a', 'b', 'c'].map((key) => cache.get(key)), [3, undefined, 4]);
});
