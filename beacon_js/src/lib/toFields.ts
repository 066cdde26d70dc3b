import type {Fields, Value} from '../types.js';
import {snakeCase} from './snakeCase.js';

/**
 * Returns an object of the platform by the field dictionary's names. Its attributes live on prototypes, and whatever the
 * platform adds comes along; what can't be sent is dropped where the row is written.
 */
export const toFields = (source: object | undefined, isWanted?: (name: string, value: unknown) => boolean): Fields => {
  const fields: Fields = {};
  for (const name in source) {
    const value = source[name as keyof typeof source] as Value;
    if (isWanted?.(name, value) ?? true) fields[snakeCase(name)] = value;
  }
  return fields;
};
