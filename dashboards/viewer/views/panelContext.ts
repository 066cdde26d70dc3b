/** What every panel gets from the view that shows it. */

import type { App } from '../context';
import type { PanelContext } from '../panels/panel';
import { withFilters } from '../state';
import type { State } from '../state';

type Shared = Pick<PanelContext, 'cursor' | 'markers' | 'field' | 'addFilter' | 'addFilters' | 'zoom'>;

export function panelContext(app: App): Shared {
  const { cursor, fields, addFilter, state, go } = app;
  return {
    cursor,
    markers: [],
    field: (name) => fields.get(name),
    addFilter,
    addFilters: (filters) => go(withFilters(state, filters)),
    zoom: (start, end) => go(zoomed(state, start, end)),
  };
}

/** A stretch of time, epoch ms, in place of the time shown; what is fixed does not follow the clock. */
function zoomed(state: State, start: number, end: number): State {
  return { ...state, time: { start: start / 1000, end: end / 1000 }, live: false };
}
