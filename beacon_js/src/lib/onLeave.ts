import {isHidden} from './isHidden.js';
import {listen} from './listen.js';

/**
 * Calls back when the page is hidden or left, which may be the last moment in which a script runs.
 *
 * Never `unload`: it keeps pages out of the back/forward cache, and phones don't fire it.
 */
export const onLeave = (callback: (trigger: 'hidden' | 'pagehide') => void): void => {
  const listenTwice = (type: string, trigger: 'hidden' | 'pagehide', target?: EventTarget): void => {
    let done: Event | undefined;
    const leave = (event: Event): void => {
      if (event === done || !isHidden()) return;
      callback(trigger);
      done = event;
    };
    // When a tab is closed, Firefox (153) cancels the one callback that runs some 3 ms later, without an exception, and lets those
    // after it run to their end. So the second does what the first did not come to.
    listen(type, leave, target);
    listen(type, leave, target);
  };

  // On the document, after those who note the change on `window`.
  listenTwice('visibilitychange', 'hidden', document);
  // A visible page that is left gets `pagehide` right before `visibilitychange`: waiting for the latter saves a second beacon.
  // A page that is hidden already gets `pagehide` only.
  // https://html.spec.whatwg.org/multipage/document-lifecycle.html#unload-a-document
  listenTwice('pagehide', 'pagehide');
  // WebKit (2.50), which has no `requestIdleCallback`, tells nothing else of a page that is left before it has loaded. There the
  // listener does not keep a page out of the cache; elsewhere it would only make for a second beacon.
  if (!('requestIdleCallback' in window)) {
    listen('beforeunload', () => document.readyState !== 'complete' && callback('pagehide'));
  }
};
