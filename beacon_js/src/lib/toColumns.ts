import type {Fields} from '../types.js';

type Cell = string | number | boolean | null | undefined;

/** Returns records of the same shape as parallel lists. */
export const toColumns = (records: readonly object[]): Fields => {
  const columns: Record<string, Cell[]> = {};
  for (const record of records as Record<string, Cell>[]) for (const name in record) (columns[name] ??= []).push(record[name]);
  return columns;
};
