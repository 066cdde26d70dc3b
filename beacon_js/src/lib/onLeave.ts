import {isHidden} from './isHidden.js';
import {listen} from './listen.js';

/**
 * Calls back when the page is hidden or left, which may be the last moment in which a script runs.
 *
 * Never `unload` or `beforeunload`: they keep pages out of the back/forward cache, and phones don't fire them.
 */
export const onLeave = (callback: (trigger: 'hidden' | 'pagehide') => void): void => {
  // On the document, after those who note the change on `window`.
  listen('visibilitychange', () => isHidden() && callback('hidden'), document);
  // A visible page that is left gets `pagehide` right before `visibilitychange`: waiting for the latter saves a second beacon.
  // A page that is hidden already gets `pagehide` only.
  // https://html.spec.whatwg.org/multipage/document-lifecycle.html#unload-a-document
  listen('pagehide', () => isHidden() && callback('pagehide'));
};
