/** Which panels show the answer to a question: a chart for each calculation, and its groups as a table. Pure. */

import type { Measured } from '../charts/units';
import type { Question } from '../question';
import { FIRST_CALCULATION, columnOf, keyOf } from '../question';
import type { Calculation, ColumnOptions, Field, PanelOptions, Unit, VitalName } from '../types';
import { VITALS } from '../vitals';

export function toPanels(question: Question, fields: ReadonlyMap<string, Field>): PanelOptions[] {
  const { show, formulas, breakdowns } = question;
  const base = { query: '', width: 12 };
  if (show === 'heatmap' || show === 'histogram') {
    const column = columnOf(question);
    const field = { ...base, ...measuredOf({ op: 'P75', column }, fields), id: show, title: column, column, value: `HEATMAP(${column})` };
    const mark = (op: string) => ({ key: `${op}(${column})`, title: op.toLowerCase() });
    return show === 'heatmap'
      ? [{ ...field, kind: 'heatmap', line: mark('P75'), note: 'The line is p75.' }]
      : [{ ...field, kind: 'histogram', marks: [mark('P50'), mark('P75'), mark('P95')] }];
  }
  const calculations = question.calculations.length + formulas.length > 0 ? question.calculations : [FIRST_CALCULATION];
  const values = [
    ...calculations.map((calculation) => ({ key: keyOf(calculation), measured: measuredOf(calculation, fields) as Measured })),
    ...formulas.map(({ name }) => ({ key: name, measured: {} as Measured })),
  ];
  const table = toTable(values, breakdowns);
  if (show === 'table') return [table];
  const charts = values.map(({ key, measured }): PanelOptions => ({
    ...base,
    ...measured,
    id: `chart-${key}`,
    kind: 'timeseries',
    title: key,
    mark: show === 'bars' && breakdowns.length === 0 ? 'bars' : 'line',
    value: key,
    ...(measured.vital && { count: 'COUNT' }),
  }));
  return [...charts, table];
}

interface ValueOptions {
  key: string;
  measured: Measured;
}

function toTable(values: readonly ValueOptions[], breakdowns: readonly string[]): PanelOptions {
  const counted = values.some(({ key }) => key === 'COUNT');
  const columns: ColumnOptions[] = values.map(({ key, measured: { vital, unit } }) => ({
    key, title: key, ...(vital && { vital, count: 'COUNT' }), ...(unit && { unit }), ...(key === 'COUNT' && { bar: true }),
  }));
  return {
    id: 'groups',
    kind: 'table',
    title: breakdowns.length > 0 ? 'Groups' : 'In all',
    query: '',
    width: 12,
    columns: [...breakdowns.map((key) => ({ key, title: key })), ...columns, ...(counted ? [] : [{ key: 'COUNT', title: 'Events', bar: true }])],
  };
}

const NUMBERS = new Set(['COUNT', 'COUNT_DISTINCT', 'CONCURRENCY']);

/** How the values of a calculation are written: as a vital where it is one, else in the unit of its field. */
export function measuredOf({ op, column = '' }: Calculation, fields: ReadonlyMap<string, Field>): { vital?: VitalName; unit?: Unit } {
  if (NUMBERS.has(op) || op.startsWith('RATE')) return {};
  const [vital, rest] = column.split('.');
  if (rest === 'value' && Object.hasOwn(VITALS, vital!) && op !== 'SUM') return { vital: vital as VitalName };
  const unit = fields.get(column)?.unit;
  return unit === 'ms' || unit === 'bytes' ? { unit } : {};
}
