import assert from 'node:assert/strict';
import test from 'node:test';
import {addWaterfall} from '../src/parts/waterfall.js';
import {describeResource, summarizeResources} from '../src/signals/resources.js';
import type {Resource} from '../src/signals/resources.js';
import type {Fields, Groups} from '../src/types.js';

const HOST = 'shop.example';

const entry = (name: string, transferSize = 0, duration = 1, more: object = {}) =>
  describeResource(
    {
      name, transferSize, duration, responseStart: 6, startTime: 5, initiatorType: 'script', decodedBodySize: 9, responseStatus: 200,
    nextHopProtocol: 'h2', ...more,
    } as unknown as PerformanceResourceTiming,
    0,
  ); // prettier-ignore

const summarize = (...resources: Resource[]) => summarizeResources(resources, HOST);

const showWaterfall = (resources: Resource[]) => {
  const groups: Groups = {resource: {}};
  addWaterfall(resources, groups);
  return {columns: groups.resources as Fields, dropped: groups.resource!.dropped_count};
};

test('resources are counted and weighed, third parties apart', () => {
  const {resource} = summarize(
    entry('https://shop.example/a.js', 100, 10),
    entry('https://cdn.example/b.js?x=1', 50, 30, {renderBlockingStatus: 'blocking', responseStatus: 404}),
    entry('https://shop.example:8443/c.js', 0, 20),
  );

  assert.deepEqual(resource, {
    count: 3, duration: 60, transfer_size: 150, cached_count: 1, blocking_count: 1, failed_count: 1, third_party_count: 2,
    third_party_transfer_size: 50, slowest_duration: 30, slowest_host: 'cdn.example',
  }); // prettier-ignore
});

test('a page without resources has a count of 0', () => {
  const {resource, resource_hosts} = summarize();

  assert.equal(resource!.count, 0);
  assert.equal(resource!.third_party_transfer_size, 0);
  assert.equal(resource!.slowest_host, undefined);
  assert.deepEqual(resource_hosts, {});
});

test('what no third party tells is no size of 0', () => {
  const hidden = {responseStart: 0, decodedBodySize: 0};
  const {resource, resource_hosts} = summarize(entry('https://shop.example/a.js', 100), entry('https://ads.example/b.js', 0, 5, hidden));

  assert.equal(resource!.third_party_count, 1);
  assert.equal(resource!.third_party_transfer_size, undefined);
  assert.equal(resource!.transfer_size, 100);
  assert.deepEqual(resource_hosts!.transfer_size, [null]);
});

test('what the browser does not tell of any resource is no count of 0', () => {
  const {resource, resource_types} = summarize(entry('https://shop.example/a.js', 100, 10, {responseStatus: undefined}));

  assert.deepEqual([resource!.blocking_count, resource!.failed_count], [null, null]);
  assert.deepEqual([resource_types!.blocking_count, resource_types!.failed_count], [[null], [null]]);
});

test('types and third-party hosts are summed as parallel lists, those with most time first', () => {
  const {resource_types, resource_hosts} = summarize(
    entry('https://shop.example/a.js', 100, 10),
    entry('https://cdn.example/a.png', 20, 40, {initiatorType: 'img'}),
    entry('https://cdn.example/b.png', 30, 5, {initiatorType: 'img'}),
  );

  assert.deepEqual([resource_types!.name, resource_types!.count, resource_types!.duration], [['img', 'script'], [2, 1], [45, 10]]);
  assert.deepEqual([resource_hosts!.name, resource_hosts!.transfer_size], [['cdn.example'], [50]]);
});

test('a waterfall has paths without queries, in the order of their start', () => {
  const {columns, dropped} = showWaterfall([
    entry('https://cdn.example/b.js?token=1', 50, 30, {startTime: 20, responseStart: 0}),
    entry('https://shop.example/a.js', 10, 3),
  ]);

  assert.deepEqual(columns.path, ['/a.js', '/b.js']);
  assert.deepEqual(columns.host, ['shop.example', 'cdn.example']);
  assert.deepEqual(columns.ttfb, [1, null]);
  assert.equal(dropped, undefined);
});

test('of many resources, those that block or last longest are told', () => {
  const many = Array.from({length: 150}, (_, index) => entry(`https://shop.example/${index}.js`, 1, index));

  const {columns, dropped} = showWaterfall([...many, entry('https://shop.example/app.css', 1, 0, {renderBlockingStatus: 'blocking'})]);

  const paths = columns.path as string[];
  assert.equal(paths.length, 100);
  assert.ok(paths.includes('/app.css') && paths.includes('/149.js') && !paths.includes('/10.js'));
  assert.equal(dropped, 51);
});
