import {touch} from '../delivery.js';
import {getSelector} from '../lib/getSelector.js';
import {guard} from '../lib/guard.js';
import {listen} from '../lib/listen.js';
import type {Part} from '../types.js';
import {getView} from '../views.js';

// Three clicks within a second in one place are rage; one that nothing follows within a second is dead.
const RAGE_CLICKS = 3;
const RAGE_PX = 30;
const SPAN_MS = 1000;

// What answers by itself, without a change of the document: the browser draws it.
const ANSWERING = 'input,select,textarea,option,label,video,audio,[contenteditable],a[download],a[target]';
// What happens where a click was understood.
const ANSWERS = ['scroll', 'visibilitychange', 'focusin', 'pagehide', 'selectionchange', 'toggle'];

const count = (kind: string, target?: string): void => {
  const click = (getView().fields.click ??= {}) as Record<string, number>;
  click[kind + 'count'] = (click[kind + 'count'] ?? 0) + 1;
  if (target) (click as Record<string, unknown>)[kind + 'target'] = target;
  touch();
};

/** Calls back if nothing happens for a second. */
const whenDead = (callback: () => void): void => {
  const {href} = location;
  const stop = () => {
    clearTimeout(timer);
    observer.disconnect();
    for (const type of ANSWERS) removeEventListener(type, stop, true);
  };
  const observer = new MutationObserver(stop);
  observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  for (const type of ANSWERS) addEventListener(type, stop, true);
  const timer = setTimeout(() => {
    stop();
    if (location.href === href) callback();
  }, SPAN_MS);
};

/** Counts clicks, those of rage, and those that nothing happened after, with the last element of each. */
export const clicks = (): Part => () => {
  let recent: MouseEvent[] = [];
  listen('click', (event: MouseEvent) => {
    const {target} = event;
    if (!event.isTrusted || !(target instanceof Element)) return;
    const name = getSelector(target);
    count('');
    recent = recent.filter(
      (one) => event.timeStamp - one.timeStamp < SPAN_MS && Math.hypot(event.clientX - one.clientX, event.clientY - one.clientY) < RAGE_PX,
    );
    if (recent.push(event) === RAGE_CLICKS) count('rage_', name);
    if (!target.closest(ANSWERING)) whenDead(guard(() => count('dead_', name)));
  });
};
