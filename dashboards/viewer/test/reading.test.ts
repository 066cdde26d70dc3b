import assert from 'node:assert/strict';
import { test } from 'node:test';

import { placeByKey, placeOfPointer } from '../charts/reading';

test('the arrow keys read place by place and stop at the ends', () => {
  assert.equal(placeByKey('ArrowRight', 3, 5), 4);
  assert.equal(placeByKey('ArrowRight', 4, 5), 4);
  assert.equal(placeByKey('ArrowLeft', 0, 5), 0);
  assert.deepEqual(['Home', 'End'].map((key) => placeByKey(key, 2, 5)), [0, 4]);
});

test('the first arrow begins at the end that it comes from', () => {
  assert.equal(placeByKey('ArrowRight', null, 5), 0);
  assert.equal(placeByKey('ArrowLeft', null, 5), 4);
});

test('other keys lead nowhere', () => {
  assert.equal(placeByKey('a', 2, 5), null);
});

test('a pointer reads the place under it, and beside the plot the nearest', () => {
  const at = (left: number) => placeOfPointer(left, { left: 40, right: 140 }, 5);
  assert.deepEqual([0, 40, 59, 61, 139, 500].map(at), [0, 0, 0, 1, 4, 4]);
});
