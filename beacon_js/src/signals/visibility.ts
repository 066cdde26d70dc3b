import {noteHidden} from '../lib/firstHidden.js';
import {getVisibilityStates} from '../lib/getVisibilityStates.js';
import {isHidden} from '../lib/isHidden.js';
import {listen} from '../lib/listen.js';
import {toColumns} from '../lib/toColumns.js';
import {read} from '../rows.js';
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

/** Tells when the page was visible and for how long; notes when it was first hidden. */
export const startVisibility = (): void => {
  onOpen((view) => {
    const known = view.type ? [] : getVisibilityStates().map(({name, startTime}) => ({state: name, time: startTime}));
    // Other browsers than Chromium only tell the present: take it for the whole past.
    view.states ??= known.length ? known : [{state: document.visibilityState, time: 0}];
  });
  const note = (event: Event): void => {
    const {start, states} = getView();
    // A prerendered page that is still hidden was activated in the background: it was hidden from its first moment on.
    if (isHidden()) noteHidden(event.type === 'visibilitychange' ? event.timeStamp : 0);
    if (states.length < MAX_STATES) states.push({state: document.visibilityState, time: event.timeStamp - start});
  };
  listen('visibilitychange', note);
  listen('prerenderingchange', note);
  read(({start, states}, now) => ({
    visibility: toColumns(states),
    page: {age: now - start, visible_time: getVisibleTime(states, now - start)},
  }));
};
