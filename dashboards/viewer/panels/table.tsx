/** Groups as rows: values with bars, vitals with ratings, a click that filters by the group. */

import { useMemo, useState } from 'preact/hooks';

import { GAP, formatCount, formatField, formatVital, quoted } from '../format';
import { formatMeasured } from '../charts/units';
import { compareValues } from '../items';
import { filterFor } from '../state';
import type { Answer, ColumnOptions, Row, Sort, TableOptions, Unit, Value } from '../types';
import type { Column } from '../ui/dataTable';
import { DataTable } from '../ui/dataTable';
import { RatedValue } from '../ui/rating';
import { RATED_FROM, VITALS, describeSamples, isRated, rateSampled } from '../vitals';
import { Frame } from './frame';
import type { PanelContext, PanelProps } from './panel';
import type { Sheet } from './sheet';
import { numberColumn, textColumn } from './sheet';

const DEFAULT_ROWS = 20;

export function TablePanel({ data, options, context }: PanelProps<Answer, TableOptions>) {
  const [sort, setSort] = useState<Sort | undefined>(options.sort);
  const [all, setAll] = useState(false);
  const rows = useMemo(() => sortRows(data.results.map((result) => result.data), options, sort), [data, options, sort]);
  const columns = options.columns.map((column) => toColumn(column, rows, context));
  const shown = all ? rows : rows.slice(0, options.rows ?? DEFAULT_ROWS);
  const groups = `${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`;
  return (
    <Frame
      id={options.id}
      kind="table"
      title={options.title}
      note={options.note}
      aside={<p class="readout">{data.meta.limited ? `the first ${groups}` : groups}</p>}
      summary={`${options.title}: ${groups}.`}
      menu={{ context, options, data, sheet: () => toSheet(options, rows, context) }}
    >
      {rows.length === 0 ? (
        <p class="panel-empty">Nothing was measured.</p>
      ) : (
        <DataTable
          name={options.title}
          columns={columns}
          rows={shown}
          rowKey={(row) => JSON.stringify(context.breakdowns.map((name) => row[name]))}
          sort={sort}
          onSort={setSort}
          onRow={context.breakdowns.every(context.canFilter) ? (row) => context.addFilters(context.breakdowns.map((name) => filterFor(name, row[name]))) : undefined}
        />
      )}
      {shown.length < rows.length && (
        <button type="button" class="more" onClick={() => setAll(true)}>Show all {formatCount(rows.length)} rows</button>
      )}
    </Frame>
  );
}

function toColumn(options: ColumnOptions, rows: readonly Row[], context: PanelContext): Column<Row> {
  const { key, title, vital } = options;
  if (context.breakdowns.includes(key)) {
    const isFirst = context.breakdowns[0] === key;
    return { key, title, main: isFirst, render: (row) => <GroupCell name={key} row={row} context={context} asks={isFirst} /> };
  }
  if (vital) return { key, title, number: true, render: (row) => <VitalCell row={row} options={options} /> };
  const max = rows.reduce((most, row) => Math.max(most, asNumber(row[key]) ?? 0), 0);
  return { key, title, number: true, render: (row) => <NumberCell value={row[key]} max={options.bar ? max : 0} unit={options.unit} /> };
}

function GroupCell({ name, row, context, asks }: { name: string; row: Row; context: PanelContext; asks: boolean }) {
  const value = row[name];
  const text = value === null || value === undefined ? '(none)' : formatField(value, context.field(name) ?? { type: '', unit: '' });
  const ask = asks && context.selectGroup;
  const cell = !context.canFilter(name) ? (
    <span class="cell-text" title={text}>{text}</span>
  ) : (
    <button type="button" class="quiet cell" title={`Show only ${name} = ${quoted(text)}`} onClick={() => context.addFilter(filterFor(name, value))}>
      {text}
    </button>
  );
  if (!ask) return cell;
  return (
    <span class="group-cell">
      {cell}
      <button type="button" class="quiet ask" title={`What is different about ${quoted(text)}?`} onClick={() => ask(row)}>
        Different how?<span class="spoken"> {text}</span>
      </button>
    </span>
  );
}

function VitalCell({ row, options }: { row: Row; options: ColumnOptions }) {
  const value = asNumber(row[options.key]);
  const samples = samplesOf(row, options);
  const vital = VITALS[options.vital!];
  const doubt = describeSamples(samples);
  return (
    <span class="vital-cell" title={value === null ? vital.absent : doubt || undefined} data-doubt={doubt !== ''}>
      {value !== null && doubt && <small>n{GAP}{samples}</small>}
      <RatedValue text={formatVital(options.vital!, value)} rating={isRated(options.key) ? rateSampled(vital, value, samples) : null} />
    </span>
  );
}

function NumberCell({ value, max, unit }: { value: Value; max: number; unit: Unit | undefined }) {
  const number = asNumber(value);
  if (number === null) return <>–</>;
  return (
    <span class="number-cell">
      {max > 0 && <span class="cell-bar" aria-hidden="true"><span style={{ width: `${(number / max) * 100}%` }} /></span>}
      <span class="cell-number">{unit || !Number.isInteger(number) ? formatMeasured({ unit }, number) : formatCount(number)}</span>
    </span>
  );
}

function toSheet(options: TableOptions, rows: readonly Row[], { breakdowns }: PanelContext): Sheet {
  return {
    columns: options.columns.map(({ key, title, vital, unit }) => (breakdowns.includes(key) ? textColumn(title) : numberColumn(title, { vital, unit }))),
    rows: rows.map((row) => options.columns.map(({ key }) => row[key])),
  };
}

/** Sorts rows; a vital with too few samples stands last, whatever the order, since its value says little. */
export function sortRows(rows: readonly Row[], options: TableOptions, sort: Sort | undefined): Row[] {
  const column = options.columns.find(({ key }) => key === sort?.key);
  if (!sort || !column) return [...rows];
  const sign = sort.order === 'descending' ? -1 : 1;
  const isLast = (row: Row) => row[sort.key] == null || (column.vital !== undefined && samplesOf(row, column) < RATED_FROM);
  return [...rows].sort((a, b) => Number(isLast(a)) - Number(isLast(b)) || sign * compareValues(a[sort.key], b[sort.key]));
}

function samplesOf(row: Row, { count }: ColumnOptions): number {
  return count === undefined ? Infinity : (asNumber(row[count]) ?? 0);
}

function asNumber(value: Value): number | null {
  return typeof value === 'number' ? value : null;
}
