import type {Config} from './types.js';

/** Returns what a script tag says, or `undefined` if it has no `data-key`. */
export const readConfig = (script: HTMLScriptElement): Config | undefined => {
  const {key, endpoint, service, release, route} = script.dataset;
  if (!key) return undefined;
  // A path in `data-endpoint` belongs to the page's host, where a proxy may pass beacons on; the default to the script's.
  const {href} = endpoint ? new URL(endpoint, location.href) : new URL('/v1/beacon/' + encodeURIComponent(key), script.src);
  return {endpoint: href, service, release, route};
};
