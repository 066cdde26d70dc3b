import {wideload} from './commands.js';
import {arm, ready, send, touch} from './delivery.js';
import {guard} from './lib/guard.js';
import {onLeave} from './lib/onLeave.js';
import {listen} from './lib/listen.js';
import {whenIdle} from './lib/whenIdle.js';
import {isPrivate, options} from './options.js';
import {touchSession} from './session.js';
import {readDevice, startDevice} from './signals/device.js';
import {startErrors} from './signals/errors.js';
import {startInteractions} from './signals/interactions.js';
import {startLargestPaint} from './signals/largestPaint.js';
import {startLayoutShift} from './signals/layoutShift.js';
import {startNavigation} from './signals/navigation.js';
import {startPage} from './signals/page.js';
import {startPaint} from './signals/paint.js';
import {startRoutes} from './signals/routes.js';
import {startTimeToFirstByte} from './signals/timeToFirstByte.js';
import {startVisibility} from './signals/visibility.js';
import {watch, watchAll, whenHandled} from './timeline.js';
import type {Options, Part, Wideload} from './types.js';
import {openView, views} from './views.js';

// Marks the page as measured. A symbol can't collide with a name of the page's.
const LOADED = Symbol.for('wideload');

// Long enough for most of what a page does after its load, short enough for most visits.
const QUIET_MS = 2000;
// A page that never finishes to load is measured from here on.
const MAX_LOAD_MS = 10_000;

// What every page is measured by. Routes come first: they open views, which the others fill.
const SIGNALS: readonly Part[] = [
  startRoutes, startVisibility, startNavigation, startPage, startTimeToFirstByte, startPaint, startLargestPaint,
  startLayoutShift, startInteractions, startErrors, startDevice,
]; // prettier-ignore

let hasBegun = false;

/** Reads what is costly, when nothing waits for it or the page is left. */
const begin = guard((): void => {
  if (hasBegun) return;
  watchAll();
  readDevice();
  ready();
  setTimeout(() => arm(true), QUIET_MS);
  // Last, because a browser may cancel this (see lib/onLeave.ts).
  hasBegun = true;
});

const activate = (): void => {
  const beginIdle = () => whenIdle(begin);
  if (document.readyState === 'complete') beginIdle();
  else listen('load', beginIdle);
  setTimeout(begin, MAX_LOAD_MS);
  setTimeout(() => {
    // Now, because a page that is left early gets no time to be told what the browser has kept.
    watchAll();
    // Survives a crash, or a browser that is killed, before the page has loaded.
    arm(false);
  });
};

const restore = (event: PageTransitionEvent): void => {
  if (!event.persisted) return;
  // What came before was sent when the page was hidden.
  views.length = 0;
  openView('back-forward-cache', event.timeStamp);
};

/** Measures the page, once; returns undefined if it is measured already, or if the visitor's browser forbids it. */
export const start = (chosen: Options, parts: readonly Part[]): Wideload | undefined => {
  Object.assign(options, chosen);
  if (LOADED in window || (options.gpc === 'off' && isPrivate())) return undefined;
  Object.assign(window, {[LOADED]: VERSION});
  whenHandled(touch);
  for (const part of [...SIGNALS, ...parts]) guard(part)();
  openView();
  listen('pageshow', restore);
  onLeave((trigger) => {
    begin();
    touchSession();
    send(trigger, true);
  });
  if (document.prerendering) listen('prerenderingchange', activate);
  else activate();
  // What the browser's buffers would not keep until then: short events, and elements that the page removes.
  watch('event');
  // What the page has asked for before.
  const calls = window.wideload?.q ?? [];
  window.wideload = wideload;
  for (const call of calls) (wideload as (...args: unknown[]) => void)(...call);
  return wideload;
};
