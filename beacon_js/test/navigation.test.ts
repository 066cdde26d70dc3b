import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {toWire} from '../src/lib/toWire.js';
import {readNavigation} from '../src/signals/navigation.js';
import type {NavigationEntry} from '../src/types.js';

before(() => {
  Object.assign(globalThis, {document: {}});
});

const LOADED = {
  type: 'navigate', redirectCount: 0, redirectStart: 0, redirectEnd: 0, workerStart: 0, fetchStart: 3,
  domainLookupStart: 4, domainLookupEnd: 5, connectStart: 5, secureConnectionStart: 0, connectEnd: 6, requestStart: 6,
  responseStart: 40, responseEnd: 50, domInteractive: 60, domComplete: 90, loadEventStart: 90, loadEventEnd: 91,
  activationStart: 0, duration: 91, transferSize: 0, encodedBodySize: 500, decodedBodySize: 900, responseStatus: 200,
  nextHopProtocol: 'h2', deliveryType: 'cache', contentEncoding: '', confidence: {value: 'low'},
}; // prettier-ignore

const read = (changes: object, now = 1000) =>
  JSON.parse(JSON.stringify(toWire(readNavigation({...LOADED, ...changes} as unknown as NavigationEntry, now))));

test('marks are the entry’s', () => {
  const fields = read({});

  assert.equal(fields['navigation.domain_lookup_start'], 4);
  assert.equal(fields['navigation.load_event_end'], 91);
  assert.equal(fields['navigation.duration'], 91);
});

test('what did not happen is absent', () => {
  const fields = read({});

  for (const name of ['redirect_start', 'worker_start', 'secure_connection_start', 'activation_start', 'content_encoding']) {
    assert.ok(!(`navigation.${name}` in fields), name);
  }
});

test('a size of 0 from a cache is a size, no redirect is a count', () => {
  const fields = read({});

  assert.equal(fields['navigation.transfer_size'], 0);
  assert.equal(fields['navigation.redirect_count'], 0);
});

test('marks of 0 are times when the fetch began at 0', () => {
  const fields = read({fetchStart: 0, domainLookupStart: 0, domainLookupEnd: 0, connectStart: 0, connectEnd: 0});

  for (const name of ['fetch_start', 'domain_lookup_end', 'connect_start', 'connect_end']) {
    assert.equal(fields[`navigation.${name}`], 0, name);
  }
  assert.ok(!('navigation.worker_start' in fields));
});

test('a redirect may begin at 0', () => {
  assert.equal(read({redirectEnd: 3})['navigation.redirect_start'], 0);
});

test('a page that is left early has no sizes and no end', () => {
  const fields = read({responseEnd: 0, domInteractive: 0, domComplete: 0, loadEventStart: 0, loadEventEnd: 0, duration: 0});

  assert.deepEqual(
    Object.keys(fields).filter((name) => /size|dom_c|load|duration|response_end/.test(name)),
    [],
  );
});

test('impossible marks are absent', () => {
  const fields = read({responseStart: 5000, requestStart: -1});

  assert.ok(!('navigation.response_start' in fields));
  assert.ok(!('navigation.request_start' in fields));
});

test('types are named as web-vitals names them', () => {
  assert.equal(read({type: 'back_forward'})['navigation.type'], 'back-forward');
  assert.equal(read({activationStart: 7})['navigation.type'], 'prerender');
  assert.equal(read({activationStart: 7})['navigation.activation_start'], 7);
});

test('a browser without the entry has no fields', () => {
  Object.assign(globalThis, {performance: {getEntriesByType: () => [], now: () => 0}});

  assert.deepEqual(toWire(readNavigation()), {});
});
