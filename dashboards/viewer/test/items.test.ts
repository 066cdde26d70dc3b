import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSoft, shorten, splitEvent, toResources, toRows, toSpans } from '../items';

const event = {
  id: 'a',
  'page.host': 'shop.example',
  'resources.host': ['shop.example', 'cdn.example', ''],
  'resources.path': ['/app.js', '/a.png', ''],
  'resources.initiator': ['script', 'img', ''],
  'resources.start': [10, 20.5, null],
  'resources.duration': [100, 50, 5],
  'resources.ttfb': [40, null, null],
  'resources.status': [200, 404, null],
  'resources.blocking': [true, false, false],
  'resources.cached': [false, true, false],
  'resource_types.name': ['script'],
};
const { facts, lists } = splitEvent(event);

test('an event is parted into what has one value and what has many', () => {
  assert.deepEqual({ ...facts }, { id: 'a', 'page.host': 'shop.example' });
  assert.equal(lists['resources.host']!.length, 3);
});

test('a field that a page has not is not found, whatever its name', () => {
  assert.equal(facts['constructor'], undefined);
  assert.equal(lists['constructor'], undefined);
});

test('the lists of one name become rows, and what is unknown is null', () => {
  const rows = toRows(lists, 'resources');
  assert.equal(rows.length, 3);
  assert.deepEqual(rows[1], {
    index: 1, host: 'cdn.example', path: '/a.png', initiator: 'img', start: 20.5, duration: 50, ttfb: null, status: 404,
    blocking: false, cached: true,
  });
  assert.equal(rows[2]!.host, null);
  assert.deepEqual(toRows(lists, 'resource_types'), [{ index: 0, name: 'script' }]);
  assert.deepEqual(toRows(lists, 'loaf_scripts'), []);
});

test('a resource has a name, a kind and notes, and one without a start has no bar', () => {
  const resources = toResources(toRows(lists, 'resources'), 'shop.example');
  assert.deepEqual(resources.map(({ name, kind, start, end, notes }) => ({ name, kind, start, end, notes })), [
    { name: '/app.js', kind: 'script', start: 10, end: 110, notes: ['blocking'] },
    { name: 'cdn.example/a.png', kind: 'media', start: 20.5, end: 70.5, notes: ['404', 'cached'] },
  ]);
});

test('a long name loses its middle', () => {
  assert.equal(shorten('/short', 10), '/short');
  assert.equal(shorten('cdn.example/assets/images/hero.avif', 17), 'cdn.ex…/hero.avif');
  assert.equal(shorten('abcdef', 1).length, 2);
});

test('the page is visible or hidden until the next change, the last time until the snapshot', () => {
  const changes = { 'visibility.state': ['visible', 'hidden'], 'visibility.time': [0, 4000] };
  assert.deepEqual(toSpans(changes, 10_000), [
    { state: 'visible', start: 0, end: 4000 },
    { state: 'hidden', start: 4000, end: 10_000 },
  ]);
  assert.deepEqual(toSpans({}, 10_000), []);
});

test('a view without a load is told apart', () => {
  assert.ok(isSoft({ 'navigation.type': 'soft-navigation' }) && isSoft({ 'navigation.type': 'route-change' }));
  assert.ok(!isSoft({ 'navigation.type': 'navigate' }) && !isSoft({}));
});
