import {readConfig} from './config.js';
import {guard} from './lib/guard.js';
import {onLeave} from './lib/onLeave.js';
import {startVisibilityClock} from './lib/visibilityClock.js';
import {whenIdleAfterLoad} from './lib/whenIdleAfterLoad.js';
import {openPageView, takeSnapshot} from './pageView.js';
import {readDevice} from './signals/device.js';
import {readNavigation} from './signals/navigation.js';
import {readPaint} from './signals/paint.js';
import {extendResourceBuffer, readResources} from './signals/resources.js';
import {readTimeToFirstByte} from './signals/timeToFirstByte.js';
import {observeVitals} from './signals/webVitals.js';
import {send} from './transport.js';
import type {Config, Groups, Trigger} from './types.js';

// Marks the page as measured. A symbol can't collide with a name of the page's.
const LOADED = Symbol.for('wideload');

/** Returns what a reader measures; one that fails must not take the others along. */
const attempt = (read: () => Groups): Groups => {
  let groups: Groups = {};
  guard(() => {
    groups = read();
  })();
  return groups;
};

/** Measures the page from now on. */
const start = (config: Config): void => {
  const visibility = startVisibilityClock();
  let view = openPageView(config);
  let device: Groups | undefined;

  const flush = (trigger: Trigger): void => {
    // A page that is prerendered may never be seen.
    if (document.prerendering) return;
    device ??= attempt(readDevice);
    const now = performance.now();
    const measured = [
      view.page,
      device,
      attempt(() => readResources(view.start, config.endpoint)),
      // The entries of the load say nothing about a return from the back/forward cache.
      ...(view.start ? [{navigation: {type: 'back-forward-cache'}}] : [readNavigation, readPaint, readTimeToFirstByte].map(attempt)),
      view.vitals,
    ];
    const body = takeSnapshot(view, measured, {
      page: {age: now - view.start, visible_time: visibility.read(now)},
      beacon: {version: VERSION, trigger},
    });
    if (body) send(config.endpoint, body);
  };

  const restore = ({persisted, timeStamp}: PageTransitionEvent): void => {
    if (!persisted) return;
    view = openPageView(config, timeStamp);
    visibility.restart(timeStamp);
    device = undefined;
  };

  // Before web-vitals' own listener, which reports the first metrics of the new view.
  addEventListener('pageshow', guard(restore), true);
  document.addEventListener(
    'visibilitychange',
    guard(({timeStamp}: Event) => visibility.set(document.visibilityState === 'visible', timeStamp)),
  );
  observeVitals((metric, fields) => {
    view.vitals[metric] = fields;
  });
  onLeave(guard(flush));
  extendResourceBuffer();
  // Read while nothing waits for it; a page that is left earlier reads it then.
  whenIdleAfterLoad(
    guard(() => {
      device ??= readDevice();
    }),
  );
};

guard(() => {
  const script = document.currentScript as HTMLScriptElement | null;
  const config = script && readConfig(script);
  if (!config) {
    console.warn('Wideload measures nothing: its script tag needs data-key="YOUR_SITE_KEY".');
  } else if (!(LOADED in window)) {
    Object.assign(window, {[LOADED]: VERSION});
    start(config);
  }
})();
