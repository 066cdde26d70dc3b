import {isGranted} from './consent.js';
import {countExceptions, guard} from './lib/guard.js';
import {clearKept, readKept, writeKept} from './lib/storage.js';
import {toWire} from './lib/toWire.js';
import {whenIdle} from './lib/whenIdle.js';
import {options} from './options.js';
import {own, readRow, writeBody} from './rows.js';
import {isSampled} from './session.js';
import {readVisibility} from './signals/visibility.js';
import {collect} from './timeline.js';
import {armBody, canArm, getRoom, sendBody} from './transport.js';
import type {Fields, PageView, Trigger, WireEvent} from './types.js';
import {onOpen, views} from './views.js';

// How long changes are gathered before the armed body is replaced, which costs the time to write it; and before a retry.
const GATHER_MS = 5000;
const MAX_RETRY_MS = 300_000;
// Events that fill up the queue are sent at once, so that the last body of a page stays small.
const MAX_WAITING = 12;
const MAX_KEPT = 20;

/** What waits beside the rows of `views`: other events, rows of closed views, and what failed to be sent. */
const queue = new Map<string, WireEvent>();

let isReady = false;
let hasKept = false;
let armed: AbortController | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;

const enqueue = (event: WireEvent): void => void queue.set(event.id, event);

/**
 * Returns the row of a view if it has changed since it was last sent. The whole row travels again with the next revision, so a
 * beacon that gets lost costs nothing but freshness. The first leave is worth one in any case: now the visit has a length.
 */
const toEvents = (view: PageView, trigger: Trigger): WireEvent[] => {
  const isLeft = trigger === 'hidden' || trigger === 'pagehide';
  const row = readRow(view);
  if (trigger !== 'arm') {
    const json = JSON.stringify(row);
    if (json === view.sent && (view.isLeft || !isLeft)) return [];
    view.pending = json;
  }
  const beacon = {version: VERSION, trigger, exception_count: countExceptions()};
  // What changes all the time is no reason to send.
  const more = toWire({beacon, ...readVisibility(view)});
  const {id, time} = view;
  return [{...row, ...more, sample_rate: options.sampleRate, id, kind: 'page_view', time, revision: view.revision++}];
};

const gather = (trigger: Trigger): WireEvent[] => {
  armed?.abort();
  if (document.prerendering || !isGranted() || !isSampled()) return [];
  collect();
  return [...views.flatMap((view) => toEvents(view, trigger)), ...queue.values()];
};

const later = (callback: () => void, ms = GATHER_MS): void => {
  timer ??= setTimeout(() => {
    timer = undefined;
    whenIdle(callback);
  }, ms);
};

/** Sends now what there is. */
export const send = guard((trigger: Trigger, isLeaving: boolean = false): void => {
  const events = gather(trigger);
  const sent = [...events];
  const body = writeBody(events, getRoom());
  queue.clear();
  events.forEach(enqueue);
  if (events.length) retry();
  if (!body) return;
  sendBody(body, isLeaving, (isFailure, retryAfter) => {
    if (isFailure) {
      // A newer revision of one of them wins in the collector's table, whichever comes first.
      for (const event of sent) if (!queue.has(event.id)) enqueue(event);
      // In place of what was planned: that would only arm it.
      clearTimeout(timer);
      timer = undefined;
      retry(retryAfter || Math.min(GATHER_MS * 2 ** failures++, MAX_RETRY_MS));
    } else {
      failures = 0;
    }
    // Where the page allows it, what waits in vain is there for the next page.
    if (isFailure || hasKept) writeKept({unsent: [...queue.values()].slice(-MAX_KEPT)});
    hasKept = isFailure;
  });
  // Not before, because a browser may cancel this (see lib/onLeave.ts).
  for (const view of views) {
    view.sent = view.pending;
    view.isLeft ||= isLeaving;
  }
});

const retry = (ms?: number): void => later(() => send('retry'), ms);

/**
 * Lets the browser send later what there is now, where it can; elsewhere sends it now, if `orSend`. What is armed does not
 * count as sent: it travels again with what comes later, and replaces itself.
 */
export const arm = guard((orSend: boolean): void => {
  const body = canArm() && writeBody(gather('arm'), getRoom());
  armed = body ? armBody(body) : undefined;
  if (orSend && !armed) send('quiet');
});

/** Notes a change: what is armed is replaced soon. Browsers that can't arm get a say in between for what is no row. */
export const touch = (): void => {
  if (isReady && (canArm() || queue.size)) later(() => arm(queue.size > 0));
};

/** Adds an event that is no page view; the same id again is a new revision of it. */
export const report = (kind: string, id: string, fields: Fields): void => {
  enqueue({time: Date.now(), revision: 0, ...own, ...fields, id, kind, sample_rate: options.sampleRate});
  if (queue.size > MAX_WAITING) send('flush');
  touch();
};

/** Says that the page has been read: from now on rows are whole. Also takes over what an earlier page could not send. */
export const ready = (): void => {
  isReady = true;
  readKept().unsent?.forEach(enqueue);
  hasKept = queue.size > 0;
};

/** Drops what was not sent, for consent was withdrawn. */
export const dropAll = (): void => {
  armed?.abort();
  queue.clear();
  clearKept();
};

// Only two views are kept open: the row of a third is final.
onOpen(() => {
  views.splice(2).forEach((view) => toEvents(view, 'route').forEach(enqueue));
  touch();
});
