import {resolveEndpoint} from './config.js';
import {guard} from './lib/guard.js';
import {MORE_SIGNALS} from './signals/more.js';
import {start} from './start.js';
import type {Options, Part, Wideload} from './types.js';

export type {Options, Part, Wideload} from './types.js';

const nothing: Wideload = () => {};

/**
 * Starts to measure the page, and returns the commands, which are also `window.wideload`; where the page is measured already,
 * those of that. On a server, and where the page may not be measured, they do nothing.
 */
export const init = (options: Options, parts: readonly Part[] = []): Wideload => {
  if (typeof window === 'undefined') return nothing;
  const {key, endpoint} = options;
  if (!key || !endpoint) {
    console.warn('Wideload measures nothing: init() needs {key: "YOUR_SITE_KEY", endpoint: "https://…"}.');
    return nothing;
  }
  const wideload = guard(() => start({...options, endpoint: resolveEndpoint(key, endpoint, location.href)}, [...MORE_SIGNALS, ...parts]))();
  return wideload ?? window.wideload ?? nothing;
};
