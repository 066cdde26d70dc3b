import {guard} from './lib/guard.js';
import {options} from './options.js';

// Browsers allow 64 KiB of such requests at a time, the page's own included.
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
const MAX_IN_FLIGHT = 48 << 10;
const ARMED_MS = 60_000;

let inFlight = 0;

/** Returns how many more bytes may be under way. */
export const getRoom = (): number => MAX_IN_FLIGHT - inFlight;

/** Says whether this browser can send after a page's end. Chromium. */
export const canArm = (): boolean => 'fetchLater' in window;

// A string travels as text/plain, which needs no preflight, and neither do requests without credentials.
const toRequest = (body: string) => ({method: 'POST', credentials: 'omit', body}) as const;

/**
 * Has the browser send a body by itself when the page ends, even by a crash, or after a minute. Returns what takes it back,
 * or undefined where the browser won't: its quota is used up, or a permissions policy forbids it.
 */
export const armBody = guard((body: string): AbortController => {
  const controller = new AbortController();
  fetchLater!(options.endpoint, {...toRequest(body), signal: controller.signal, activateAfter: ARMED_MS});
  return controller;
});

// Some content blockers remove the function; false: the browser's queue is full.
const sendBeacon = guard((body: string) => navigator.sendBeacon(options.endpoint, body));

// The list of public suffixes is too long for a script. `a.co.uk` and `b.co.uk` look alike, which only decides what goes first.
const isSameSite = (): boolean => new URL(options.endpoint).host.endsWith(location.host.split('.').slice(-2).join('.'));

/**
 * Sends a body while the page lives or ends. At its end `sendBeacon` is what browsers keep best, but filter lists stop it where
 * it goes to another site; so there `fetch` comes first, and each is the other's fallback.
 *
 * @param onResult Says whether to try again, and after how many milliseconds if the collector has said that. What went by
 *   `sendBeacon` has no result.
 */
export const sendBody = (body: string, isLeaving: boolean, onResult: (isFailure: boolean, retryAfter?: number) => void): void => {
  // The browser would take it, and lose it.
  if (navigator.onLine === false) return onResult(true);
  if (isLeaving && isSameSite() && sendBeacon(body)) return;
  inFlight += body.length;
  fetch(options.endpoint, {...toRequest(body), keepalive: true})
    // An answer that nobody reads keeps its bytes counted as under way in Chromium.
    .then((response) => response.text().then(() => response))
    .catch(() => undefined)
    .then((response) => {
      inFlight -= body.length;
      if (response) onResult(response.status > 499 || response.status === 429, 1000 * +response.headers.get('retry-after')!);
      else if (!(isLeaving && sendBeacon(body))) onResult(true);
    });
};
