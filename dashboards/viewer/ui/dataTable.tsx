/** A table of rows that sorts by its headings; on a phone every row becomes a small card. */

import type { ComponentChildren } from 'preact';

import type { Sort } from '../types';
import { Icon } from './icons';

export interface Column<Row> {
  key: string;
  title: string;
  render: (row: Row) => ComponentChildren;
  /** Right-aligned, with figures of one width. */
  number?: boolean;
  /** Takes the first line of the card on a phone. */
  main?: boolean;
}

interface Props<Row> {
  name: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sort?: Sort | undefined;
  onSort?: (sort: Sort) => void;
  /** What a click on a row does, where it did not hit a button or a link, which do the same for the keyboard. */
  onRow?: ((row: Row) => void) | undefined;
}

// The roles are written out because the phone's layout takes the table's display away, and with it the implied roles.
export function DataTable<Row>({ name, columns, rows, rowKey, sort, onSort, onRow }: Props<Row>) {
  return (
    <div class="table-scroll" role="region" aria-label={name} tabIndex={0}>
      <table class="data" role="table" aria-label={name} data-clickable={Boolean(onRow)}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => <Heading key={column.key} column={column} sort={sort} onSort={onSort} />)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row" onClick={(event) => onRow && !isControl(event.target) && onRow(row)}>
              {columns.map((column) => (
                <td key={column.key} role="cell" class={cellClass(column)} data-title={column.title}>{column.render(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadingProps<Row> {
  column: Column<Row>;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
}

function Heading<Row>({ column, sort, onSort }: HeadingProps<Row>) {
  const order = sort?.key === column.key ? sort.order : undefined;
  const turned = order === 'descending' ? 'ascending' : 'descending';
  return (
    <th scope="col" role="columnheader" class={cellClass(column)} aria-sort={order}>
      {onSort ? (
        <button type="button" class="quiet heading" onClick={() => onSort({ key: column.key, order: order ? turned : 'descending' })}>
          {column.title}
          {order && <Icon name={order === 'descending' ? 'down' : 'up'} />}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function cellClass(column: { number?: boolean; main?: boolean }): string | undefined {
  return [column.number && 'number', column.main && 'main'].filter(Boolean).join(' ') || undefined;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a') !== null;
}
