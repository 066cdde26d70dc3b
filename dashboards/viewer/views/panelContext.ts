/** What every panel gets from the view that shows it. */

import type { App } from '../context';
import type { PanelContext } from '../panels/panel';
import { withFilters } from '../state';
import type { State } from '../state';
import { isList } from '../fields';
import type { Named } from '../types';

type Shared = Pick<PanelContext, 'cursor' | 'markers' | 'field' | 'readOnly' | 'canFilter' | 'addFilter' | 'addFilters' | 'zoom'>;

/** @param made the calculated fields of the panel's query. */
export function panelContext(app: App, made: readonly Named[] = []): Shared {
  const { cursor, markers, fields, addFilter, state, go, readOnly } = app;
  return {
    cursor,
    markers,
    field: (name) => fields.get(name),
    readOnly,
    canFilter: (name) => !readOnly && !made.some((field) => field.name === name) && !isList(fields.get(name)),
    addFilter,
    addFilters: (filters) => go(withFilters(state, filters)),
    zoom: (start, end) => go(zoomed(state, start, end)),
  };
}

/** A stretch of time, epoch ms, in place of the time shown; what is fixed does not follow the clock. */
function zoomed(state: State, start: number, end: number): State {
  return { ...state, time: { start: start / 1000, end: end / 1000 }, live: false };
}
