import {getActivationStart} from '../lib/getNavigationEntry.js';
import {listen} from '../lib/listen.js';
import {toColumns} from '../lib/toColumns.js';
import type {Groups, PageView} from '../types.js';
import {getView, onOpen} from '../views.js';

/** Since when the page was visible or hidden, in ms since the view began. */
export interface State {
  state: string;
  time: number;
}

// A page that changes more often says nothing more by it.
const MAX_STATES = 20;

/** Returns how long a view was visible, in ms. */
export const getVisibleTime = (states: readonly State[], age: number): number =>
  states.reduce((sum, {state, time}, index) => (state === 'visible' ? sum + (states[index + 1]?.time ?? age) - time : sum), 0);

/**
 * Says whether the page was hidden before a moment, on the clock of `performance.now()`: paints after that say when somebody
 * came back, not how fast the page was. The rules are web-vitals' (lib/getVisibilityWatcher.ts): a prerendered page is hidden
 * before its activation.
 */
export const wasHidden = (at: number): boolean => {
  const {states, start} = getView();
  return states.some(({state, time}) => state === 'hidden' && time + start >= getActivationStart() && time + start <= at);
};

/** Returns what changes all the time: how old a view is, and how long and when it was visible. */
export const readVisibility = ({start, end = performance.now(), states}: PageView): Groups => ({
  visibility: toColumns(states),
  page: {age: end - start, visible_time: getVisibleTime(states, end - start)},
});

/** Notes when the page was visible. */
export const startVisibility = (): void => {
  onOpen((view) => {
    // Chromium tells the past. For other browsers take the present for all of it. https://www.w3.org/TR/page-visibility-2/
    const known = view.type ? [] : performance.getEntriesByType('visibility-state');
    view.states ??= known.length ? known.map(({name, startTime}) => ({state: name, time: startTime})) : [{state: document.visibilityState, time: 0}];
  });
  const note = ({timeStamp}: Event): void => {
    const {start, states} = getView();
    if (states.length < MAX_STATES) states.push({state: document.visibilityState, time: timeStamp - start});
  };
  listen('visibilitychange', note);
  // A prerendered page that is still hidden then was activated in the background.
  listen('prerenderingchange', note);
};
