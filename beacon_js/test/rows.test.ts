import assert from 'node:assert/strict';
import test from 'node:test';
import {cleanFields, writeBody} from '../src/rows.js';
import {trimMore} from '../src/signals/more.js';
import type {WireEvent} from '../src/types.js';

const event = (id: string, fields: object = {}): WireEvent => ({id, kind: 'page_view', time: 1, revision: 0, ...fields});
trimMore();

const LONG = Array.from({length: 100}, () => 'x'.repeat(100));

test('a body is a beacon with all events that fit', () => {
  const events = [event('a'), event('b')];

  const {v, sent_at, events: sent} = JSON.parse(writeBody(events, 1000));

  assert.equal(v, 1);
  assert.ok(Math.abs(sent_at - Date.now()) < 1000);
  assert.deepEqual(sent, [event('a'), event('b')]);
  assert.deepEqual(events, []);
});

test('what is too large loses its waterfall first, and says so', () => {
  const events = [event('a', {'resources.path': LONG, 'resource_hosts.name': ['h'], 'mark.m': 1, 'lcp.value': 2})];

  const [sent] = JSON.parse(writeBody(events, 1000)).events;

  assert.deepEqual(sent, event('a', {'resource_hosts.name': ['h'], 'mark.m': 1, 'lcp.value': 2, 'beacon.cut': 'resources'}));
});

test('vitals and errors are never cut: events that do not fit wait', () => {
  const events = [event('a', {'lcp.value': 2}), event('b', {'exception.message': 'x'.repeat(600)})];

  const body = writeBody(events, 500);

  assert.deepEqual(JSON.parse(body).events, [event('a', {'lcp.value': 2})]);
  assert.deepEqual(events.map(({id}) => id), ['b']);
});

test('without room there is no body', () => {
  const events = [event('a')];

  assert.equal(writeBody(events, 10), '');
  assert.equal(events.length, 1);
});

test('sizes are bytes, not characters', () => {
  assert.equal(writeBody([event('a', {text: 'ü'.repeat(300)})], 600), '');
});

test('own fields are texts, numbers and booleans; null takes one back', () => {
  const fields = cleanFields({plan: 'gold', items: -3.14159, vip: false, gone: null, list: [1], nan: NaN, call: () => 1});

  assert.deepEqual(JSON.parse(JSON.stringify(fields)), {plan: 'gold', items: -3.14159, vip: false});
  assert.ok('gone' in fields);
});

test('own fields are masked, cut and limited in number', () => {
  const many = Object.fromEntries(Array.from({length: 80}, (_, index) => ['f' + index, 1]));

  assert.equal(cleanFields({mail: 'a@b.example'}).mail, '[email]');
  assert.equal((cleanFields({text: 'x'.repeat(5000)}).text as string).length, 1024);
  assert.equal(Object.keys(cleanFields(many)).length, 50);
});
