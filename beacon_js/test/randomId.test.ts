import assert from 'node:assert/strict';
import test from 'node:test';
import {randomId} from '../src/lib/randomId.js';

test('ids are 32 hexadecimal digits, no two alike', () => {
  const ids = Array.from({length: 2000}, randomId);

  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(new Set(ids).size, ids.length);
});

test('every digit takes all values', () => {
  const ids = Array.from({length: 2000}, randomId);

  for (const position of [0, 1, 15, 31]) assert.equal(new Set(ids.map((id) => id[position])).size, 16);
});
