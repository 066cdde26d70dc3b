import {guard} from './lib/guard.js';
import {randomId} from './lib/randomId.js';
import {enterSession} from './session.js';
import type {NavigationType, PageView} from './types.js';

type Opener = (view: PageView) => void;

const openers: Opener[] = [];

/** The open view first, and the one before it, whose last entries the browser may still have to tell. */
export const views: PageView[] = [];

/** Returns the open view. */
export const getView = (): PageView => views[0];

/** Returns the view that an entry belongs to. The interaction that began a view belongs to the page before. */
export const getViewOf = (entry: PerformanceEntry & {interactionId?: number}): PageView =>
  views.find((view) => entry.startTime >= view.from && !(entry.interactionId && entry.interactionId === view.interactionId)) ?? getView();

/** Calls back with every view that begins, and again when one turns out to be a soft navigation. */
export const onOpen = (opener: Opener): void => void openers.push(opener);

const tell = () => openers.forEach((opener) => guard(opener)(getView()));

/** Returns a moment by the visitor's clock. The page's time origin is behind after the device has slept. */
const toEpoch = (type: NavigationType | undefined, time: number): number =>
  Math.round((type ? Date.now() - performance.now() : performance.timeOrigin) + time);

/** Opens a view; `PageView` says what the arguments are. */
export const openView = (type?: NavigationType, start = 0, url = location.href): void => {
  if (getView()) getView().end = start;
  const view = {
    id: randomId(),
    type,
    start,
    from: start,
    time: toEpoch(type, start),
    url: new URL(url),
    revision: 0,
    fields: {},
    longest: [],
    interactionsBefore: 0,
  } as unknown as PageView;
  enterSession(view);
  views.unshift(view);
  tell();
};

/** Makes the open view, a change of the route, a soft navigation that began earlier: when somebody interacted. */
export const renewView = (start: number): void => {
  const view = getView();
  view.start = start;
  view.type = 'soft-navigation';
  // Part of a row's identity, once it was sent.
  if (!view.revision) view.time = toEpoch(view.type, start);
  if (views[1]) views[1].end = start;
  tell();
};
