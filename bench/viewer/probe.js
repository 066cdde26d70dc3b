// Runs before the viewer in every page: notes what the browser tells, and when everything is drawn.
globalThis.bench = {
  lcp: { at: 0, element: '' },
  fcp: 0,
  shifts: [],
  longTasks: [],
  drawn: 0,

  /** True while something is on its way. */
  isBusy: () =>
    !document.querySelector('#main[aria-busy=false]') || document.querySelector('#main [aria-busy=true], #main .waiting, [data-stale=true]') !== null,

  /** Milliseconds from now, or from `start`, to the first frame in which `test` holds, painted. */
  until: (test, start = performance.now()) =>
    new Promise((resolve) => {
      const look = () => (test() ? requestAnimationFrame(() => resolve(performance.now() - start)) : requestAnimationFrame(look));
      look();
    }),

  /** Milliseconds from a click to the frame in which all has been asked again and drawn. */
  click: async (element) => {
    const start = performance.now();
    element.click();
    await bench.until(bench.isBusy);
    return bench.until(() => !bench.isBusy(), start);
  },

  requests: () =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(
      ({ name, initiatorType, startTime, responseStart, responseEnd, encodedBodySize }) =>
        ({ path: new URL(name).pathname, initiatorType, startTime, responseStart, responseEnd, encodedBodySize }),
    ),

  name: (element) =>
    element && [element.closest?.('[data-panel]')?.dataset.panel, element.localName ?? element.nodeName, element.className].filter(Boolean).join(' '),
};

const observe = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });

observe('largest-contentful-paint', (entry) => {
  bench.lcp = { at: entry.startTime, element: bench.name(entry.element) };
});
observe('paint', (entry) => {
  if (entry.name === 'first-contentful-paint') bench.fcp = entry.startTime;
});
observe('longtask', ({ startTime, duration }) => bench.longTasks.push([startTime, duration]));
observe('layout-shift', ({ value, hadRecentInput, startTime, sources }) => {
  const moved = sources.map(({ node, previousRect, currentRect }) => [bench.name(node), previousRect.y, currentRect.y, previousRect.height, currentRect.height]);
  if (!hadRecentInput) bench.shifts.push({ value, at: startTime, moved });
});
addEventListener('pointerup', () => (bench.released = performance.now()), { capture: true });
bench.until(() => !bench.isBusy(), 0).then((at) => (bench.drawn = at));
