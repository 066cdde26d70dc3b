import assert from 'node:assert/strict';
import test from 'node:test';
import {summarizeResources} from '../src/signals/resources.js';

const HOST = 'shop.example';

const entry = (name: string, transferSize = 0, duration = 1, responseStart = 1) =>
  ({name, transferSize, duration, responseStart}) as PerformanceResourceTiming;

const summarize = (...entries: PerformanceResourceTiming[]) => summarizeResources(entries, HOST).resource;

test('resources are counted and weighed, third parties apart', () => {
  const fields = summarize(
    entry('https://shop.example/a.js', 100, 10),
    entry('https://cdn.example/b.js?x=1', 50, 30),
    entry('https://shop.example:8443/c.js', 7, 20),
  );

  assert.deepEqual(fields, {
    count: 3,
    transfer_size: 157,
    third_party_count: 2,
    third_party_transfer_size: 57,
    slowest_duration: 30,
    slowest_host: 'cdn.example',
  });
});

test('a page without resources has a count of 0', () => {
  const fields = summarize();

  assert.equal(fields.count, 0);
  assert.equal(fields.third_party_transfer_size, 0);
  assert.equal(fields.slowest_host, undefined);
});

test('what no third party tells is no size of 0', () => {
  const fields = summarize(entry('https://shop.example/a.js', 100), entry('https://ads.example/b.js', 0, 5, 0));

  assert.equal(fields.third_party_count, 1);
  assert.equal(fields.third_party_transfer_size, undefined);
  assert.equal(fields.transfer_size, 100);
});

test('resources from the cache weigh 0', () => {
  assert.equal(summarize(entry('https://shop.example/a.js', 0)).transfer_size, 0);
});
