import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import type {MetricWithAttribution} from 'web-vitals/attribution';
import {readVital} from '../src/signals/webVitals.js';

before(() => {
  Object.assign(globalThis, {location: {href: 'https://shop.example/'}});
});

const read = (name: string, value: number, attribution: object, entries: object[] = [{}]) =>
  JSON.parse(JSON.stringify(readVital({name, value, attribution, entries} as unknown as MetricWithAttribution)));

test('LCP is told with its parts, element and resource', () => {
  const fields = read('LCP', 900, {
    target: '#hero', url: 'https://cdn.example/hero.jpg?w=1', timeToFirstByte: 100, resourceLoadDelay: 50,
    resourceLoadDuration: 700, elementRenderDelay: 50, navigationEntry: {}, lcpEntry: {},
  }); // prettier-ignore

  assert.deepEqual(fields, {
    value: 900, element: '#hero', url: 'https://cdn.example/hero.jpg', time_to_first_byte: 100, resource_load_delay: 50,
    resource_load_duration: 700, element_render_delay: 50,
  }); // prettier-ignore
});

test('placeholders are not parts', () => {
  const parts = {timeToFirstByte: 0, firstByteToFCP: 40, loadState: 'complete'};

  assert.deepEqual(read('FCP', 40, parts, []), {value: 40, load_state: 'complete'});
  assert.deepEqual(read('FCP', 40, parts), {value: 40, load_state: 'complete'});
  assert.deepEqual(read('FCP', 40, {...parts, navigationEntry: {}}), {
    value: 40,
    time_to_first_byte: 0,
    time_since_first_byte: 40,
    load_state: 'complete',
  });
});

test('INP is told with the script that took longest', () => {
  const fields = read('INP', 256, {
    interactionTarget: '#buy', inputDelay: 1, totalScriptDuration: undefined, processedEventEntries: [],
    longestScript: {
      subpart: 'processing-duration',
      intersectingDuration: 240,
      entry: {
        sourceURL: 'https://shop.example/app.js?v=1',
        sourceFunctionName: 'onBuy',
        invoker: 'BUTTON#buy.onclick',
        duration: 250,
      },
    },
  }); // prettier-ignore

  assert.deepEqual(fields, {
    value: 256, interaction_target: '#buy', input_delay: 1, 'script.url': 'https://shop.example/app.js',
    'script.function': 'onBuy', 'script.invoker': 'BUTTON#buy.onclick', 'script.duration': 240,
    'script.subpart': 'processing-duration',
  }); // prettier-ignore
});

test('a CLS of 0 is a value without a cause', () => {
  assert.deepEqual(read('CLS', 0, {}, []), {value: 0});
});
