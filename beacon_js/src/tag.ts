import {readConfig} from './config.js';
import {guard} from './lib/guard.js';
import {words} from './options.js';
import {clicks} from './parts/clicks.js';
import {reports} from './parts/reports.js';
import {waterfall} from './parts/waterfall.js';
import {start} from './start.js';
import type {Part, Wideload} from './types.js';

declare global {
  interface Window {
    /** The commands; before the script has come, a stub that keeps what it was called with in `q`. */
    wideload?: Wideload & {q?: unknown[][]};
  }
}

/** Starts what the script tag asks for, and does what was asked for before it came. */
export const startFromTag = guard((getParts?: (traceOrigins: string[]) => Part[]): void => {
  const script = document.currentScript as HTMLScriptElement | null;
  const config = script && readConfig(script);
  if (!config) {
    console.warn('Wideload measures nothing: its script tag needs data-key="YOUR_SITE_KEY".');
    return;
  }
  const wideload = start(config, [waterfall(), clicks(), reports(), ...(getParts?.(words(config.traceOrigins)) ?? [])]);
  if (!wideload) return;
  const calls = window.wideload?.q ?? [];
  window.wideload = wideload;
  for (const call of calls) (wideload as (...args: unknown[]) => void)(...call);
});
