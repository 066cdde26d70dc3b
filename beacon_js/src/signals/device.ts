import {pick} from '../lib/pick.js';
import type {Groups} from '../types.js';

const prefers = (query: string): boolean => matchMedia(`(prefers-${query})`).matches;

// Asking Intl first loads its data about languages: 15 ms in Chromium, 60 ms on a phone, in one piece. Temporal knows the zone at
// once (Chrome 144, Firefox 139).
const getTimeZone = (): string =>
  globalThis.Temporal ? Temporal.Now.timeZoneId() : Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns facts about browser, screen, device and connection. What only some browsers tell is absent in the others. */
export const readDevice = (): Groups => ({
  browser: {
    ...pick(navigator, 'webdriver language'),
    time_zone: getTimeZone(),
    width: innerWidth,
    height: innerHeight,
    color_scheme: prefers('color-scheme:dark') ? 'dark' : 'light',
    reduced_motion: prefers('reduced-motion:reduce'),
  },
  screen: {
    ...pick(screen, 'width height'),
    pixel_ratio: devicePixelRatio,
    // Safari before 16.4 has none.
    orientation: screen.orientation?.type,
  },
  device: {memory: navigator.deviceMemory, cores: navigator.hardwareConcurrency},
  network: pick(navigator.connection, 'effectiveType type rtt downlink saveData'),
});
