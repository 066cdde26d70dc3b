import {getLoadState} from '../lib/getLoadState.js';
import {getSelector} from '../lib/getSelector.js';
import {read} from '../rows.js';
import {isSupported, on} from '../timeline.js';
import type {Fields, ShiftEntry} from '../types.js';
import {getViewOf} from '../views.js';
import {hasPainted} from './paint.js';

// https://web.dev/articles/cls#what-is-cls
const MAX_GAP_MS = 1000;
const MAX_WINDOW_MS = 5000;

/** Shifts that happened shortly after each other, as they are told. */
export interface ShiftWindow {
  first: number;
  last: number;
  told: Fields & {value: number; largest_shift_value: number};
}

/** Tells Cumulative Layout Shift with its largest shift; as in CrUX, only of pages that were seen to paint. */
export const startLayoutShift = (): void => {
  on('layout-shift', (entry: ShiftEntry) => {
    const {startTime, value, sources = []} = entry;
    if (entry.hadRecentInput) return;
    const view = getViewOf(entry);
    let {shifts} = view;
    if (!shifts || startTime - shifts.last >= MAX_GAP_MS || startTime - shifts.first >= MAX_WINDOW_MS) {
      view.shifts = shifts = {first: startTime, last: 0, told: {value: 0, largest_shift_value: 0}};
    }
    const {told} = shifts;
    told.value += value;
    shifts.last = startTime;
    if (value >= told.largest_shift_value) {
      const source = sources.find(({node}) => node?.nodeType === 1) ?? sources[0];
      Object.assign(told, {
        largest_shift_target: getSelector(source?.node),
        largest_shift_time: startTime,
        largest_shift_value: value,
        load_state: getLoadState(startTime),
      });
    }
    if (!(told.value <= view.worst?.value!)) view.worst = told;
  });
  read(({worst}) => ({cls: isSupported('layout-shift') && hasPainted() ? {value: 0, ...worst} : undefined}));
};
