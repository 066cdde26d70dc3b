import {count} from '../lib/count.js';
import {getSelector} from '../lib/getSelector.js';
import {guard} from '../lib/guard.js';
import {listen} from '../lib/listen.js';
import type {Part} from '../types.js';
import {getView} from '../views.js';

// Three clicks in one place, each within half a second of the one before, are rage; one that nothing follows within a second is dead.
const RAGE_CLICKS = 3;
const RAGE_PX = 30;
const RAGE_MS = 500;
const DEAD_MS = 1000;

// What answers by itself, without a change of the document: the browser draws it.
const ANSWERING = 'input,select,textarea,option,label,video,audio,[contenteditable],a[download],a[target]';
// What happens where a click was understood.
const ANSWERS = ['scroll', 'visibilitychange', 'focusin', 'pagehide', 'selectionchange', 'toggle'];

const note = (kind: string, target?: string): void => {
  count('click', kind + '_count');
  getView().fields.click![kind + '_target'] = target;
};

/** Counts clicks, those of rage, and those that nothing happened after, with the last element of each. */
export const clicks = (): Part => () => {
  let [time, x, y, streak, answers] = [0, 0, 0, 0, 0];
  const answer = () => {
    answers++;
  };
  for (const type of ANSWERS) listen(type, answer);
  // It watches from a click to the next change.
  const observer = new MutationObserver(() => {
    observer.disconnect();
    answer();
  });
  listen('click', ({target, isTrusted, timeStamp, clientX, clientY}: MouseEvent) => {
    if (!isTrusted || !(target instanceof Element)) return;
    const name = getSelector(target);
    count('click', 'count');
    streak = timeStamp - time < RAGE_MS && Math.hypot(clientX - x, clientY - y) < RAGE_PX ? streak + 1 : 1;
    [time, x, y] = [timeStamp, clientX, clientY];
    if (streak === RAGE_CLICKS) note('rage', name);
    if (target.closest(ANSWERING)) return;
    observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    const {href} = location;
    // Counted, not timed: on a busy page the focus of the press is told after the click's own time.
    const before = answers;
    setTimeout(guard(() => answers === before && location.href === href && note('dead', name)), DEAD_MS);
  });
};
