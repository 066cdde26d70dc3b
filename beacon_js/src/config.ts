import type {Options} from './types.js';

/** Returns where beacons of a key go: a path in `data-endpoint` belongs to the page's host, where a proxy may pass them on. */
export const resolveEndpoint = (key: string, endpoint: string | undefined, scriptUrl: string): string =>
  new URL(endpoint || '/v1/beacon/' + encodeURIComponent(key), endpoint ? location.href : scriptUrl).href;

/** Returns what a script tag says, or `undefined` if it has no `data-key`. */
export const readConfig = (script: HTMLScriptElement): (Options & {traceOrigins?: string}) | undefined => {
  const {key, endpoint, sampleRate, ...others} = script.dataset;
  return key
    ? {
        ...(others as Partial<Options>),
        key,
        endpoint: resolveEndpoint(key, endpoint, script.src),
        // Anything but a whole number means all.
        sampleRate: parseInt(sampleRate!) || undefined,
      }
    : undefined;
};
