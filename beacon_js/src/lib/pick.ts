import type {Fields, Value} from '../types.js';

/** Returns `domainLookupStart` as `domain_lookup_start`: the platform's names become the field dictionary's. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase());

/**
 * Returns some properties of a platform object under the field dictionary's names.
 *
 * @param names Separated by spaces, which is shorter than an array and compresses better.
 * @param isMeant Says of a value whether it is one.
 */
export const pick = (
  source: object = {},
  names: string,
  isMeant: (value: number, name: string) => unknown = () => true,
): Fields => {
  const fields: Fields = {};
  for (const name of names.split(' ')) {
    const value = (source as Record<string, Value>)[name];
    if (isMeant(value as number, name)) fields[snakeCase(name)] = value;
  }
  return fields;
};
