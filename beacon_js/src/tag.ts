import {readConfig} from './config.js';
import {guard} from './lib/guard.js';
import {words} from './options.js';
import {clicks} from './parts/clicks.js';
import {reports} from './parts/reports.js';
import {waterfall} from './parts/waterfall.js';
import {start} from './start.js';
import type {Part} from './types.js';

/** Starts what the script tag asks for. */
export const startFromTag = guard((getParts?: (traceOrigins: string[]) => Part[]): void => {
  const script = document.currentScript as HTMLScriptElement | null;
  const config = script && readConfig(script);
  if (!config) {
    console.warn('Wideload measures nothing: its script tag needs data-key="YOUR_SITE_KEY".');
    return;
  }
  start(config, [waterfall(), clicks(), reports(), ...(getParts?.(words(config.traceOrigins)) ?? [])]);
});
