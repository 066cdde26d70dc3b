// Reports what the page itself knows when it is left, for comparison with the beacon: all metrics of an unchanged copy of
// web-vitals, and the browser's own entries.
const metrics = {};

const scalars = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => ['string', 'number'].includes(typeof value)));

const keep = ({name, value, navigationType, attribution}) => {
  const script = attribution.longestScript;
  metrics[name] = {
    value,
    navigationType,
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
for (const name of ['CLS', 'FCP', 'INP', 'LCP', 'TTFB']) webVitals['on' + name](keep, {reportAllChanges: true});

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'hidden') return;
  const navigation = performance.getEntriesByType('navigation')[0].toJSON();
  const [firstPaint] = performance.getEntriesByName('first-paint');
  const resources = performance.getEntriesByType('resource').map((entry) => entry.toJSON());
  navigator.sendBeacon(
    '/oracle',
    JSON.stringify({metrics, navigation, resources, firstPaint: firstPaint?.startTime, timeOrigin: performance.timeOrigin}),
  );
});
