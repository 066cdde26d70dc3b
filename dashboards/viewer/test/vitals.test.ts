import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VITALS, VITAL_NAMES, confidence, describeSamples, rate, rateSampled } from '../vitals';

test('a value on the line is in the better band', () => {
  for (const name of VITAL_NAMES) {
    const vital = VITALS[name];
    assert.equal(rate(vital, vital.good), 'good');
    assert.equal(rate(vital, vital.good + 1e-9), 'needs-improvement');
    assert.equal(rate(vital, vital.fair), 'needs-improvement');
    assert.equal(rate(vital, vital.fair + 1e-9), 'poor');
  }
});

test('the band comes before rounding', () => {
  assert.equal(rate(VITALS.lcp, 2500.4), 'needs-improvement');
});

test('fewer than 10 samples are not rated, fewer than 30 are few', () => {
  assert.deepEqual([0, 1, 9, 10, 29, 30].map(confidence), ['none', 'too-few', 'too-few', 'few', 'few', 'enough']);
  assert.equal(rateSampled(VITALS.inp, 100, 9), null);
  assert.equal(rateSampled(VITALS.inp, 100, 10), 'good');
  assert.equal(rateSampled(VITALS.inp, null, 50), null);
});

test('few samples are said', () => {
  assert.equal(describeSamples(1), 'not rated: 1 sample, 10 are needed');
  assert.equal(describeSamples(22), 'only 22 samples, sure from 30');
  assert.equal(describeSamples(30), '');
});
