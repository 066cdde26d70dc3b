/** The rows of an event's lists as a table that sorts, with the first ones shown and the rest a click away. */

import { useState } from 'preact/hooks';

import { formatCount, formatField } from '../format';
import { compareValues } from '../items';
import type { Row, Sort } from '../types';
import { DataTable } from './dataTable';

export interface ItemColumn {
  key: string;
  title: string;
  /** Of a number: `ms`, `bytes`, or empty for a count. Texts have none. */
  unit?: string;
  /** Takes what room is left. */
  main?: boolean;
}

interface Props {
  name: string;
  columns: readonly ItemColumn[];
  rows: readonly Row[];
  shown?: number;
}

export function ItemsTable({ name, columns, rows, shown = 10 }: Props) {
  const [sort, setSort] = useState<Sort | undefined>();
  const [all, setAll] = useState(false);
  const sorted = sort ? sortItems(rows, sort) : rows;
  const visible = all ? sorted : sorted.slice(0, shown);
  return (
    <div class="items">
      <DataTable
        name={name}
        columns={columns.map((column) => ({
          key: column.key,
          title: column.title,
          main: column.main ?? false,
          number: column.unit !== undefined,
          render: (row: Row) => <Cell row={row} column={column} />,
        }))}
        rows={visible}
        rowKey={(row) => String(row.index)}
        sort={sort}
        onSort={setSort}
      />
      {visible.length < rows.length && <More count={rows.length} onMore={() => setAll(true)} />}
    </div>
  );
}

export function More({ count, onMore }: { count: number; onMore: () => void }) {
  return <button type="button" class="more" onClick={onMore}>Show all {formatCount(count)} rows</button>;
}

function Cell({ row, column: { key, unit } }: { row: Row; column: ItemColumn }) {
  const value = row[key];
  if (value === null || value === undefined || value === '') return <span class="unrated">–</span>;
  const text = formatField(value, { type: '', unit: unit ?? '' });
  return unit === undefined ? <span class="cut" title={text}>{text}</span> : <>{text}</>;
}

/** Sorts rows; what is unknown stands last in either order. */
function sortItems(rows: readonly Row[], { key, order }: Sort): Row[] {
  const sign = order === 'descending' ? -1 : 1;
  return [...rows].sort((a, b) => Number(a[key] == null) - Number(b[key] == null) || sign * compareValues(a[key], b[key]));
}
