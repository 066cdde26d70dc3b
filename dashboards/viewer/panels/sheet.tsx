/** What a panel shows as rows and columns: the table behind a chart, and what is downloaded. */

import type { Measured } from '../charts/units';
import { formatMeasured } from '../charts/units';
import { formatMinute, harmless } from '../format';
import type { Value } from '../types';

export interface SheetColumn {
  title: string;
  /** Of a number: how it is written. Times are epoch ms. */
  kind: 'text' | 'time' | 'number';
  measured?: Measured;
}

export interface Sheet {
  columns: SheetColumn[];
  rows: Value[][];
}

export const timeColumn = (title: string): SheetColumn => ({ title, kind: 'time' });
export const textColumn = (title: string): SheetColumn => ({ title, kind: 'text' });
export const numberColumn = (title: string, measured: Measured = {}): SheetColumn => ({ title, kind: 'number', measured });

export function SheetTable({ name, sheet }: { name: string; sheet: Sheet }) {
  return (
    <div class="series-table" tabIndex={0} role="region" aria-label={`${name}: table`}>
      <table>
        <thead>
          <tr>
            {sheet.columns.map(({ title, kind }) => <th key={title} scope="col" class={kind === 'number' ? 'number' : undefined}>{title}</th>)}
          </tr>
        </thead>
        <tbody>
          {sheet.rows.map((row, index) => (
            <tr key={index}>
              {row.map((value, place) => {
                const column = sheet.columns[place]!;
                return <td key={place} class={column.kind === 'number' ? 'number' : undefined}>{writeCell(column, value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function writeCell({ kind, measured = {} }: SheetColumn, value: Value): string {
  if (value === null || value === undefined) return '–';
  if (kind === 'time') return formatMinute(Number(value));
  return kind === 'number' && typeof value === 'number' ? formatMeasured(measured, value) : harmless(String(value));
}
