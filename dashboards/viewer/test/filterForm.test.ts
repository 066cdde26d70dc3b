import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readFilter } from '../shell/filterBar';
import type { Field } from '../types';

const field = (type: Field['type']): Field => ({ name: 'x', type, unit: '', meaning: '', group: '', origin: 'dictionary' });

test('a value is read as the type of its field', () => {
  assert.equal(readFilter('x', '=', '42', field('number'))?.value, 42);
  assert.equal(readFilter('x', '=', '42', field('string'))?.value, '42');
  assert.equal(readFilter('x', '=', 'true', field('boolean'))?.value, true);
  assert.equal(readFilter('x', '=', '42', undefined)?.value, '42');
});

test('lists are split at commas', () => {
  assert.deepEqual(readFilter('x', 'in', '1, 2', field('number'))?.value, [1, 2]);
});

test('an incomplete form is no filter', () => {
  assert.equal(readFilter('', '=', '1', undefined), null);
  assert.equal(readFilter('x', '=', ' ', undefined), null);
  assert.equal(readFilter('x', '>', 'much', field('number')), null);
  assert.equal(readFilter('x', '=', 'maybe', field('boolean')), null);
  assert.equal(readFilter('x', 'in', '1,,2', field('number')), null);
});

test('a list is no filter of page views', () => {
  assert.equal(readFilter('x', '=', 'a', field('strings')), null);
  assert.equal(readFilter('x', 'exists', '', field('numbers')), null);
});

test('operators without a value need none', () => {
  assert.deepEqual(readFilter(' x ', 'exists', '', undefined), { column: 'x', op: 'exists' });
});
