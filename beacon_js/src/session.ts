import {randomId} from './lib/randomId.js';
import {isKeeping, readKept, writeKept} from './lib/storage.js';
import {options} from './options.js';
import type {PageView} from './types.js';

// As Google Analytics and most others count visits, and a cap for pages that are never closed.
const IDLE_MS = 30 * 60_000;
const MAX_MS = 4 * 3_600_000;

const create = () => ({id: randomId(), start: Date.now(), last: 0, view: undefined as string | undefined, views: 0});

// Not before a view begins: where the browser has no random numbers this throws, and there it would throw into the page.
let session: ReturnType<typeof create>;

/** Notes that somebody is there, and takes up the session that is kept, or begins another. */
export const touchSession = (): void => {
  const now = Date.now();
  const kept = readKept().session as typeof session | undefined;
  session ??= create();
  if (kept) session = now - kept.last < IDLE_MS && now - kept.start < MAX_MS ? kept : create();
  session.last = now;
  writeKept({session});
};

/** Counts a view in the session, or without one in the document. */
export const enterSession = (view: PageView): void => {
  touchSession();
  view.session = isKeeping() ? session.id : undefined;
  view.place = {number: ++session.views, previous_id: session.view};
  session.view = view.id;
  writeKept({session});
};

let isMeasured: boolean | undefined;

/**
 * Says whether this is one of the sessions (without storage: documents) that are measured: one in `sampleRate`. The digits of
 * its id are random, and the same on every page.
 */
export const isSampled = (): boolean => (isMeasured ??= parseInt(session.id.slice(0, 8), 16) % (options.sampleRate ?? 1) === 0);
