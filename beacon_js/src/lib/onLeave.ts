import type {Trigger} from '../types.js';

/**
 * Calls back when the page is hidden or left, which may be the last moment in which a script runs.
 *
 * Never `unload` or `beforeunload`: they keep pages out of the back/forward cache, and phones don't fire them.
 */
export const onLeave = (callback: (trigger: Trigger) => void): void => {
  const listen = (target: EventTarget, type: string, trigger: Trigger) =>
    target.addEventListener(type, () => {
      if (document.visibilityState === 'hidden') callback(trigger);
    });

  // On `document`, because web-vitals finishes its metrics in capturing listeners on `window`, and those come first.
  listen(document, 'visibilitychange', 'hidden');
  // A visible page that is left gets `pagehide` right before `visibilitychange`: waiting for the latter saves a second beacon
  // and takes web-vitals' last word along. A page that is hidden already gets `pagehide` only.
  // https://html.spec.whatwg.org/multipage/document-lifecycle.html#unload-a-document
  listen(window, 'pagehide', 'pagehide');
};
