import {afterLayout} from '../lib/afterLayout.js';
import {toFields} from '../lib/toFields.js';
import {read} from '../rows.js';
import type {Fields, Groups} from '../types.js';

const prefers = (query: string): boolean => matchMedia(`(prefers-${query})`).matches;

const browser: Fields = {};
let known: Groups | undefined;

const readFacts = (): Groups => {
  const {connection, deviceMemory, hardwareConcurrency, language, webdriver} = navigator;
  const {width, height} = screen;
  return {
    browser: Object.assign(browser, {
      webdriver,
      language,
      // The first use of Intl loads data about languages: in Chromium 15 ms in one piece, 60 ms on a CPU four times slower.
      // Temporal (Chrome 144, Firefox 139) has the zone at hand.
      time_zone: globalThis.Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      color_scheme: prefers('color-scheme:dark') ? 'dark' : 'light',
      reduced_motion: prefers('reduced-motion:reduce'),
    }),
    screen: {width, height, pixel_ratio: devicePixelRatio},
    device: {memory: deviceMemory, cores: hardwareConcurrency},
    network: toFields(connection),
  };
};

/** Returns facts about browser, screen, device and connection, read once. What only some browsers tell is absent in others. */
export const readDevice = (): Groups => (known ??= readFacts());

/** Tells facts about the device. */
export const startDevice = (): void => {
  afterLayout(() => Object.assign(browser, {width: innerWidth, height: innerHeight}));
  read(readDevice);
};
