import assert from 'node:assert/strict';
import test from 'node:test';
import {transform} from 'esbuild';
import {TARGET, bundle} from '../bundle.mjs';
import {visit} from './fakeBrowser.mjs';

const scripts = await Promise.all(['src/index.ts', 'src/full.ts'].map(async (entry) => (await bundle(entry)).script));

/** What not every browser that is measured has. */
const MISSING = {
  nothing: () => {},
  PerformanceObserver: (window) => delete window.PerformanceObserver,
  'supported entry types': (window) => window.PerformanceObserver && delete window.PerformanceObserver.supportedEntryTypes,
  'entries of the navigation and of resources': ({performance}) => (performance.getEntriesByType = () => []),
  interactionCount: ({performance}) => delete performance.interactionCount,
  sendBeacon: ({navigator}) => delete navigator.sendBeacon,
  'room in its queue': ({navigator}) => (navigator.sendBeacon = () => false),
  fetchLater: (window) => delete window.fetchLater,
  navigation: (window) => delete window.navigation,
  requestIdleCallback: (window) => delete window.requestIdleCallback,
  'crypto.randomUUID': (window) => (window.crypto = {getRandomValues: (bytes) => crypto.getRandomValues(bytes)}),
  'connection and memory': ({navigator}) => delete navigator.connection && delete navigator.deviceMemory,
  orientation: ({screen}) => delete screen.orientation,
  Temporal: (window) => delete window.Temporal,
  ReportingObserver: (window) => delete window.ReportingObserver,
  prerendering: ({document}) => delete document.prerendering,
};

const refuse = () => {
  throw new Error('SecurityError');
};

/** What it may have and not allow. */
const FORBIDDEN = {
  storage: (window) => Object.defineProperty(window, 'localStorage', {get: refuse}),
  fetchLater: (window) => (window.fetchLater = refuse),
};

test('the script has no syntax that the oldest browsers lack', async () => {
  for (const script of scripts) {
    const {code: lowered} = await transform(String(script), {target: TARGET});

    const {code} = await transform(String(script));

    assert.equal(lowered, code);
  }
});

const tell = (events, field) => [...new Set(events.map((event) => event[field]).filter(Boolean))].sort();

const assertTellsAll = (events) => {
  assert.deepEqual(tell(events, 'page.path'), ['/cart', '/product/1']);
  assert.deepEqual(tell(events, 'exception.message'), ['just words', 'no such cart']);
  assert.deepEqual([tell(events, 'event.name'), tell(events, 'cart.items')], [['purchase'], [2]]);
};

const assertFailsNowhere = (change) => {
  for (const script of scripts) {
    const events = visit(script, change);

    assertTellsAll(events);
    assert.deepEqual(tell(events, 'beacon.exception_count'), []);
  }
};

for (const [name, change] of Object.entries(MISSING)) {
  test(`without ${name} the script fails nowhere and tells all`, () => assertFailsNowhere(change));
}

test('without all of it the script fails nowhere and tells all', () => {
  assertFailsNowhere((window) => Object.values(MISSING).forEach((change) => change(window)));
});

for (const [name, change] of Object.entries(FORBIDDEN)) {
  test(`where the browser forbids ${name} the script tells all`, () => scripts.forEach((script) => assertTellsAll(visit(script, change))));
}
