// Reports what the page itself knows when it is left, for comparison with the beacon: all metrics of an unchanged copy of
// web-vitals, view by view, and the browser's own entries. `oracle.metrics` lets a test wait for what it needs.
window.oracle = {
  // One for the load, each return from the back/forward cache and each soft navigation.
  views: [],
  // How long each interaction took, by its id, as soon as the browser tells: web-vitals waits for idle time or for the page to
  // be hidden.
  interactions: {},
  // When the handlers of the last slow interaction were done, and the last long frame.
  handledUntil: 0,
  framesUntil: 0,
  // How many layout shifts there were.
  shifts: 0,
  // Set by a test that is about to leave the page for good, so that it knows the last report.
  isLeft: false,
  // The metrics of the newest view.
  get metrics() {
    return oracle.views.at(-1)?.metrics ?? {};
  },
};

const getView = ({navigationType, navigationStartTime, navigationURL}) => {
  let view = oracle.views.find(({start}) => start === navigationStartTime);
  if (!view) {
    view = {type: navigationType, start: navigationStartTime, url: navigationURL, metrics: {}};
    oracle.views.push(view);
    oracle.views.sort((a, b) => a.start - b.start);
  }
  return view;
};

const scalars = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => ['string', 'number'].includes(typeof value)));

const keep = (metric) => {
  const {name, value, entries, attribution} = metric;
  const script = attribution.longestScript;
  getView(metric).metrics[name] = {
    value,
    // Without an entry behind it a metric's parts are placeholders: 0, or the metric's value.
    isExplained: entries.length > 0 && (/CLS|INP|LCP/.test(name) || attribution.navigationEntry?.entryType === 'navigation'),
    ...scalars(attribution),
    ...(script && {
      scriptUrl: script.entry.sourceURL,
      scriptInvoker: script.entry.invoker,
      scriptFunction: script.entry.sourceFunctionName,
      scriptDuration: script.intersectingDuration,
      scriptSubpart: script.subpart,
    }),
  };
};

// All changes, because web-vitals 6.2.3 forgets an INP that it has not processed yet when the page is hidden: it reports first
// and processes then.
for (const name of ['CLS', 'FCP', 'INP', 'LCP', 'TTFB']) {
  webVitals['on' + name](keep, {reportAllChanges: true, reportSoftNavs: true});
}

new PerformanceObserver((list) => {
  for (const {interactionId: id, duration, processingEnd} of list.getEntries()) {
    if (!id) continue;
    oracle.interactions[id] = Math.max(duration, oracle.interactions[id] ?? 0);
    if (duration >= 48) oracle.handledUntil = processingEnd;
  }
}).observe({type: 'event', durationThreshold: 16, buffered: true});

new PerformanceObserver((list) => {
  const {startTime, duration} = list.getEntries().at(-1);
  oracle.framesUntil = startTime + duration;
}).observe({type: 'long-animation-frame', buffered: true});

new PerformanceObserver((list) => {
  oracle.shifts += list.getEntries().length;
}).observe({type: 'layout-shift', buffered: true});

let revision = 0;

const report = ({type}) => {
  if (type === 'visibilitychange' && !document.hidden) return;
  const navigation = performance.getEntriesByType('navigation')[0].toJSON();
  const [firstPaint] = performance.getEntriesByName('first-paint');
  const resources = performance.getEntriesByType('resource').map((entry) => entry.toJSON());
  navigator.sendBeacon(
    '/oracle',
    JSON.stringify({
      revision: revision++,
      timeOrigin: performance.timeOrigin,
      isLeft: oracle.isLeft,
      views: oracle.views,
      navigation,
      resources,
      firstPaint: firstPaint?.startTime,
    }),
  );
};

// After web-vitals, which listens on `window` and captures. A page that was never shown gets `pagehide` only.
document.addEventListener('visibilitychange', report);
addEventListener('pagehide', report);
