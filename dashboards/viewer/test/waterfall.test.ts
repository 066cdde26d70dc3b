import assert from 'node:assert/strict';
import { test } from 'node:test';

import { linear } from '../charts/scale';
import { toWaterfall } from '../panels/phases';
import { placeLabels } from '../panels/timeline';

const event = {
  'navigation.type': 'navigate',
  'navigation.fetch_start': 2,
  'navigation.domain_lookup_start': 5,
  'navigation.domain_lookup_end': 25,
  'navigation.connect_start': 25,
  'navigation.secure_connection_start': 45,
  'navigation.connect_end': 75,
  'navigation.request_start': 76,
  'navigation.response_start': 240,
  'navigation.response_end': 260,
  'navigation.dom_complete': 900,
  'navigation.load_event_start': 900,
  'navigation.load_event_end': 930,
  'fcp.value': 410,
  'lcp.value': 700,
};
const spans = (row: object) => toWaterfall(row as typeof event).phases.map(({ id, start, end }) => [id, start, end]);

test('phases lie between the marks of the navigation', () => {
  assert.deepEqual(spans(event), [
    ['cache', 2, 5], ['dns', 5, 25], ['connect', 25, 45], ['tls', 45, 75], ['request', 76, 240], ['response', 240, 260],
    ['dom', 260, 900], ['load', 900, 930],
  ]);
});

test('without TLS the connection lasts until it is ready', () => {
  const { 'navigation.secure_connection_start': _, ...plain } = event;
  assert.deepEqual(spans(plain).find(([id]) => id === 'connect'), ['connect', 25, 75]);
});

test('the axis reaches to the last phase or mark', () => {
  assert.equal(toWaterfall({ ...event, 'lcp.value': 2000 }).end, 2000);
  assert.equal(toWaterfall(event).end, 930);
});

test('paints of a prerendered page count from its activation', () => {
  const { marks } = toWaterfall({ ...event, 'navigation.activation_start': 1000 });
  assert.deepEqual(marks.map(({ title, at }) => [title, at]), [['Activated', 1000], ['FCP', 1410], ['LCP', 1700]]);
});

test('a page from the back/forward cache has no phases', () => {
  assert.deepEqual(toWaterfall({ ...event, 'navigation.type': 'back-forward-cache' }), { phases: [], marks: [], moments: [], end: 0 });
});

const worst = {
  'loaf.longest_start': 500, 'loaf.longest_duration': 160,
  'inp.interaction_time': 8000, 'inp.next_paint_time': 8240, 'inp.value': 240, 'inp.interaction_target': 'button#buy',
  'cls.largest_shift_time': 1200, 'cls.largest_shift_value': 0.12, 'cls.largest_shift_target': 'div.banner',
};

test('the longest frame, the slowest interaction and the largest shift stand in the order of time', () => {
  const { moments } = toWaterfall({ ...event, ...worst });
  assert.deepEqual(moments.map(({ id, start, end, target }) => [id, start, end, target]), [
    ['frame', 500, 660, ''], ['shift', 1200, 1200, 'div.banner'], ['interaction', 8000, 8240, 'button#buy'],
  ]);
});

test('what happens long after the load does not squeeze its phases', () => {
  assert.equal(toWaterfall({ ...event, ...worst }).end, 1200);
});

test('a page that nothing moved has no shift', () => {
  assert.deepEqual(toWaterfall({ ...event, 'cls.largest_shift_time': 0, 'cls.largest_shift_value': 0 }).moments, []);
});

test('labels that would touch stand in lanes of their own', () => {
  const marks = [{ title: 'FCP', at: 500 }, { title: 'LCP', at: 510 }, { title: 'DOM ready', at: 900 }];
  assert.deepEqual(placeLabels(marks, linear(0, 1000, 100, 900)), [0, 1, 0]);
});
