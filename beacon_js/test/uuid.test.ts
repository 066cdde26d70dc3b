import assert from 'node:assert/strict';
import test from 'node:test';
import {uuid} from '../src/lib/uuid.js';

test('ids are random UUIDs of version 4', () => {
  const ids = Array.from({length: 2000}, uuid);

  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(ids).size, ids.length);
});

test('every random digit takes all values', () => {
  const ids = Array.from({length: 2000}, uuid);

  for (const position of [0, 9, 15, 21, 35]) assert.equal(new Set(ids.map((id) => id[position])).size, 16);
  assert.equal(new Set(ids.map((id) => id[19])).size, 4);
});
