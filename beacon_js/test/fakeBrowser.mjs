// A browser made of as little as the script needs to run in Node: one page with one script tag. It has no layout and no network;
// timers, frames and idle time come when they are told to.
import vm from 'node:vm';

const ORIGIN = 'https://shop.example';

// What came to JavaScript after the oldest browsers that are measured (TARGET in bundle.mjs).
const REMOVE_WHAT_IS_TOO_NEW = `
  for (const name of ['at', 'findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with']) delete Array.prototype[name];
  for (const name of ['at', 'isWellFormed', 'toWellFormed']) delete String.prototype[name];
  for (const name of ['hasOwn', 'groupBy']) delete Object[name];
  for (const name of ['try', 'withResolvers']) delete Promise[name];
  for (const name of ['union', 'intersection', 'difference', 'isSubsetOf']) delete Set.prototype[name];
  for (const name of ['Iterator', 'WeakRef', 'FinalizationRegistry']) delete globalThis[name];
  delete Array.fromAsync;
  delete Map.groupBy;
`;

const ENTRIES = [
  {
    entryType: 'navigation', name: ORIGIN + '/cart', startTime: 0, duration: 90, type: 'navigate', redirectCount: 0, fetchStart: 1,
    domainLookupStart: 2, domainLookupEnd: 3, connectStart: 3, connectEnd: 4, requestStart: 5, responseStart: 10, responseEnd: 12,
    domInteractive: 20, domContentLoadedEventStart: 21, domContentLoadedEventEnd: 22, domComplete: 80, loadEventStart: 81,
    loadEventEnd: 82, transferSize: 900, encodedBodySize: 600, decodedBodySize: 800, nextHopProtocol: 'h2', serverTiming: [],
  },
  {entryType: 'paint', name: 'first-contentful-paint', startTime: 30, duration: 0},
  {
    entryType: 'resource', name: 'https://cdn.example/a.js', startTime: 15, duration: 5, initiatorType: 'script', responseStart: 18,
    transferSize: 100, decodedBodySize: 200, responseStatus: 200, nextHopProtocol: 'h2',
  },
]; // prettier-ignore

/** Returns the globals of a browser that has everything that the script asks for; `later` takes callbacks, `sent` bodies. */
const createWindow = (later, sent) => {
  class PerformanceObserver {
    static supportedEntryTypes = ['navigation', 'paint', 'resource'];
    constructor(callback) {
      this.callback = callback;
    }
    observe({type}) {
      later(() => this.callback({getEntries: () => ENTRIES.filter((entry) => entry.entryType === type)}));
    }
    takeRecords() {
      return [];
    }
  }
  class Observer {
    observe() {}
    disconnect() {}
  }
  class ResizeObserver extends Observer {
    constructor(callback) {
      super();
      later(() => callback([{contentRect: {width: 9, height: 9}}], this));
    }
  }
  return Object.assign(new EventTarget(), {
    PerformanceObserver,
    ResizeObserver,
    ReportingObserver: Observer,
    MutationObserver: Observer,
    Element: class {},
    document: Object.assign(new EventTarget(), {
      currentScript: {src: 'https://collector.example/beacon.js', dataset: {key: 'shop', storage: 'local'}},
      visibilityState: 'visible', readyState: 'loading', prerendering: false, referrer: '', querySelector: () => null,
      documentElement: {scrollHeight: 2000},
    }),
    performance: Object.assign(new EventTarget(), {
      timeOrigin: Date.now(), now: () => 100, interactionCount: 0, setResourceTimingBufferSize() {},
      getEntriesByType: (type) => ENTRIES.filter(({entryType}) => entryType === type),
      getEntriesByName: (name) => ENTRIES.filter((entry) => entry.name === name),
    }),
    navigator: {
      language: 'en', hardwareConcurrency: 4, deviceMemory: 8, webdriver: false, onLine: true, connection: {effectiveType: '4g'},
      sendBeacon: (_, body) => sent.push(body),
    },
    fetch: async (_, {body}) => (sent.push(body), {status: 202, text: async () => '', headers: new Headers()}),
    fetchLater: () => ({activated: false}),
    navigation: new EventTarget(),
    location: new URL(ORIGIN + '/cart?utm_source=mail#top'),
    localStorage: {getItem: () => null, setItem() {}, removeItem() {}},
    screen: {width: 9, height: 9, orientation: {type: 'landscape-primary'}},
    Temporal: {Now: {timeZoneId: () => 'UTC'}},
    matchMedia: () => ({matches: false}),
    requestIdleCallback: later, requestAnimationFrame: later, setTimeout: later, clearTimeout() {},
    innerWidth: 9, innerHeight: 9, scrollY: 0, devicePixelRatio: 2,
    crypto, console, URL, URLSearchParams, Blob, AbortController,
  }); // prettier-ignore
};

/**
 * Runs a script in a page that loads, goes wrong, changes its route and is left. Returns the events that it has sent.
 *
 * @param change Takes from the window what a browser does not have.
 */
export const visit = (script, change) => {
  const sent = [];
  let waiting = [];
  const window = createWindow((callback) => waiting.push(callback), sent);
  change(window);
  vm.createContext(window);
  vm.runInContext('globalThis.window = globalThis;' + REMOVE_WHAT_IS_TOO_NEW, window);

  // Some callbacks ask for more, for ever.
  const settle = () => {
    for (let turn = 0; turn < 9; turn++) {
      const callbacks = waiting;
      waiting = [];
      for (const callback of callbacks) callback();
    }
  };
  const fire = (type, more, target = window) => target.dispatchEvent(Object.assign(new Event(type), more));

  vm.runInContext(String(script), window);
  window.document.currentScript = null;
  settle();
  window.document.readyState = 'complete';
  fire('load');
  settle();
  window.wideload('set', {'cart.items': 2});
  window.wideload('mark', 'ready');
  window.wideload('event', 'purchase');
  fire('error', {error: new TypeError('no such cart'), message: 'no such cart'});
  fire('unhandledrejection', {reason: 'just words'});
  fire('scroll');
  window.location.href = ORIGIN + '/product/1';
  window.wideload('route', '/product/:id');
  settle();
  window.document.visibilityState = 'hidden';
  fire('visibilitychange', {}, window.document);
  return sent.flatMap((body) => JSON.parse(body).events);
};
