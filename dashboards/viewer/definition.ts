/** From a dashboard definition to requests and rows of panels. */

import { quoted } from './format';
import type { State } from './state';
import { timeFields } from './state';
import type { Answer, Definition, Filter, PanelOptions, QueryRequest } from './types';

/** Completes a query of a definition: dataset, time, and the filters of the dashboard and of the reader. */
export function buildRequest(definition: Definition, name: string, state: State, dataset: string): QueryRequest {
  const query = definition.queries[name];
  if (!query) throw new Error(`The dashboard ${definition.id} has no query ${name}.`);
  // The reader's filters are about the dataset that is chosen; a definition may be about another one.
  const chosen = definition.dataset ? [] : state.filters;
  const filters = [...(definition.filters ?? []), ...(query.filters ?? []), ...chosen];
  return { ...query, filters, ...timeFields(state.time), dataset: definition.dataset ?? dataset };
}

/** The names of the queries that some panel shows, in the order of the panels. */
export function usedQueries(definition: Definition): string[] {
  return [...new Set(definition.panels.map((panel) => panel.query))];
}

/** Breaks panels into rows of at most twelve columns. */
export function packRows(panels: readonly PanelOptions[]): PanelOptions[][] {
  const rows: PanelOptions[][] = [];
  let left = 0;
  for (const panel of panels) {
    if (panel.width > left) {
      rows.push([]);
      left = 12;
    }
    rows.at(-1)!.push(panel);
    left -= panel.width;
  }
  return rows;
}

/** True if no answer holds a number other than 0: nothing was recorded. */
export function isEmpty(answers: readonly Answer[]): boolean {
  return answers.every((answer) =>
    answer.results.every(({ data }) => Object.values(data).every((value) => typeof value !== 'number' || value === 0)),
  );
}

/** A bucket should hold so many events for its percentile to say something. */
const WANTED_IN_BUCKET = 30;
const FEWEST_BUCKETS = 8;
const STEPS = [60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800];

/**
 * A coarser granularity for a series whose buckets hold too few events each, in seconds; null if it is good as it is.
 * On a quiet site the automatic buckets would show noise.
 */
export function coarserGranularity({ meta, series = [] }: Answer): number | null {
  const events = series.reduce((sum, { data }) => sum + (typeof data.COUNT === 'number' ? data.COUNT : 0), 0);
  if (events === 0 || events / series.length >= WANTED_IN_BUCKET) return null;
  const times = series.map(({ time }) => Date.parse(time) / 1000);
  const span = Math.max(...times) - Math.min(...times) + meta.granularity;
  const wanted = Math.min((WANTED_IN_BUCKET * span) / events, span / FEWEST_BUCKETS);
  const step = STEPS.find((seconds) => seconds >= wanted) ?? STEPS.at(-1)!;
  return step > meta.granularity ? step : null;
}

const SYMBOLS: Record<string, string> = { '!=': '≠', '>=': '≥', '<=': '≤' };

/** Writes a filter as people read it: `lcp.value > 2500`, `page.route exists`. */
export function describeFilter({ column, op, value }: Filter): string {
  const symbol = SYMBOLS[op] ?? op.replaceAll('-', ' ');
  const name = quoted(column);
  if (value === undefined) return `${name} ${symbol}`;
  return `${name} ${symbol} ${quoted(String(Array.isArray(value) ? value.join(', ') : value))}`;
}
