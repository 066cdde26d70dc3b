/** How checks and their runs are spoken of, and which panels show one. Pure. */

import type { CheckBar, CheckStatus, Definition, Filter, PanelOptions, Query, Row, Value } from './types';
import type { Rating } from './vitals';

export const STATUS_WORDS: Record<CheckStatus, string> = { pass: 'pass', degraded: 'degraded', fail: 'fail', no_data: 'no data' };

const RATINGS: Partial<Record<CheckStatus, Rating>> = { pass: 'good', degraded: 'needs-improvement', fail: 'poor' };

/** The shape and colour of a status; that of no data has none. */
export function ratingOf(status: CheckStatus | null): Rating | null {
  return (status && RATINGS[status]) ?? null;
}

export function statusOf(value: Value): CheckStatus | null {
  return typeof value === 'string' && Object.hasOwn(STATUS_WORDS, value) ? (value as CheckStatus) : null;
}

/** A span of time: the worst that happened in it, or null where no run was. */
export interface Span {
  /** Epoch ms. */
  start: number;
  status: CheckStatus | null;
  bar: CheckBar | null;
}

const WORST: readonly CheckStatus[] = ['fail', 'no_data', 'degraded', 'pass'];

/** The spans of a range, those without runs among them. `granularity` is in seconds. */
export function toSpans(bars: readonly CheckBar[], { start_time, end_time, granularity }: { start_time: number; end_time: number; granularity: number }): Span[] {
  const known = new Map(bars.map((bar) => [Math.floor(Date.parse(bar.time) / 1000), bar]));
  const first = Math.floor(start_time / granularity) * granularity;
  const count = Math.max(1, Math.ceil((end_time - first) / granularity));
  return Array.from({ length: count }, (_, index) => {
    const bar = known.get(first + index * granularity) ?? null;
    return { start: (first + index * granularity) * 1000, bar, status: bar && (WORST.find((status) => bar[status] > 0) ?? null) };
  });
}

/** Writes an uptime as it is: an outage is never rounded up to 100 %. */
export function formatUptime(uptime: number | null): string {
  if (uptime === null) return '–';
  return `${uptime === 100 ? '100' : uptime.toFixed(uptime >= 99 ? 3 : 2).replace(/\.?0+$/, '')}\u00a0%`;
}

const PHASES = [['dns', 'Name'], ['connect', 'Connect'], ['tls', 'TLS'], ['send', 'Send'], ['wait', 'Wait'], ['receive', 'Receive']] as const;

/** The phases of a probe that were measured, in ms. */
export function phasesOf(event: Row): { title: string; value: number }[] {
  return PHASES.flatMap(([name, title]) => {
    const value = event[`probe.${name}_duration`];
    return typeof value === 'number' ? { title, value } : [];
  });
}

const PROBES = ['http', 'tcp', 'tls', 'dns'];

/** The panels about one check: how its runs ended, how long they took, and what its kind has besides. */
export function checkDefinition(name: string, kind: string): Definition {
  const filters: Filter[] = [{ column: 'check.name', op: '=', value: name }];
  const runs: Filter[] = [{ column: 'kind', op: '=', value: 'check_run' }, { column: 'check.is_final', op: '=', value: true }];
  const queries: Record<string, Query> = {
    runs: {
      calculations: [
        { op: 'COUNT' },
        ...WORST.map((status) => ({ op: 'COUNT', name: status, filters: [{ column: 'check.status', op: '=', value: status }] })),
      ],
      filters: runs,
    },
    places: { calculations: [{ op: 'P50', column: 'check.duration' }, { op: 'COUNT' }], breakdowns: ['check.location'], filters: runs, limit: 8 },
  };
  const panels: PanelOptions[] = [
    {
      id: 'status', kind: 'shares', title: 'How runs ended', query: 'runs', width: 6,
      parts: [
        { key: 'pass', title: 'pass', rating: 'good' }, { key: 'degraded', title: 'degraded', rating: 'needs-improvement' },
        { key: 'fail', title: 'fail', rating: 'poor' }, { key: 'no_data', title: 'no data' },
      ],
    },
    { id: 'duration', kind: 'timeseries', title: 'Duration by place, median', query: 'places', width: 6, mark: 'line', value: 'P50(check.duration)', unit: 'ms' },
  ];
  if (PROBES.includes(kind)) {
    queries.phases = {
      calculations: [{ op: 'COUNT', name: 'n' }, ...PHASES.slice(0, 5).map(([phase]) => ({ op: 'AVG', column: `probe.${phase}_duration` }))],
      filters: runs, breakdowns: ['check.location'], disable_series: true, limit: 8,
    };
    panels.push({
      id: 'phases', kind: 'parts', title: 'Phases by place, mean', query: 'phases', width: 12, count: 'n',
      parts: PHASES.slice(0, 5).map(([phase, title]) => ({ key: `AVG(probe.${phase}_duration)`, title })),
    });
  }
  if (kind === 'page') {
    queries.speed = { calculations: ['lcp.value', 'speed_index.value', 'tbt.value'].map((column) => ({ op: 'P50', column })), filters: runs };
    panels.push({
      id: 'speed', kind: 'timeseries', title: 'Speed, median', query: 'speed', width: 12, mark: 'line', unit: 'ms',
      lines: [{ key: 'P50(lcp.value)', title: 'LCP' }, { key: 'P50(speed_index.value)', title: 'Speed Index' }, { key: 'P50(tbt.value)', title: 'Blocking time' }],
    });
  }
  if (kind === 'journey') {
    queries.steps = {
      calculations: [
        { op: 'COUNT' },
        { op: 'AVG', column: 'check.step.index' },
        { op: 'COUNT', name: 'failed', filters: [{ column: 'check.step.status', op: '=', value: 'fail' }] },
        { op: 'COUNT', name: 'healed', filters: [{ column: 'check.step.is_healed', op: '=', value: true }] },
        { op: 'P50', column: 'check.step.duration' },
        { op: 'P95', column: 'check.step.duration' },
      ],
      filters: [{ column: 'kind', op: '=', value: 'check_step' }],
      breakdowns: ['check.step.name'],
      // In the order in which they are taken.
      orders: [{ op: 'AVG', column: 'check.step.index', order: 'ascending' }],
      limit: 200,
      disable_series: true,
    };
    panels.push({
      id: 'steps', kind: 'table', title: 'Steps', query: 'steps', width: 12, rows: 30,
      columns: [
        { key: 'check.step.name', title: 'Step' }, { key: 'COUNT', title: 'Times', bar: true }, { key: 'failed', title: 'Failed' },
        { key: 'healed', title: 'Healed' }, { key: 'P50(check.step.duration)', title: 'Median', unit: 'ms' },
        { key: 'P95(check.step.duration)', title: 'p95', unit: 'ms' },
      ],
    });
  }
  return { id: `check-${kind}`, title: name, description: '', filters, queries, panels };
}
