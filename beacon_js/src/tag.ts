import {readConfig} from './config.js';
import {guard} from './lib/guard.js';
import {words} from './options.js';
import {start} from './start.js';
import type {Part} from './types.js';

/** Starts what the script tag asks for. */
export const startFromTag = guard((getParts: (traceOrigins: string[]) => readonly Part[]): void => {
  const script = document.currentScript as HTMLScriptElement | null;
  const config = script && readConfig(script);
  if (!config) {
    console.warn('Wideload measures nothing: its script tag needs data-key="YOUR_SITE_KEY".');
    return;
  }
  start(config, getParts(words(config.traceOrigins)));
});
