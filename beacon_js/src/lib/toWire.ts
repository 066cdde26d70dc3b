import type {Fields, Groups, Value} from '../types.js';

// The collector refuses an event with a value beyond the range in collector/fields.py, so a page with a two-kilobyte path or
// one that was open for a fortnight would be lost: texts are cut, numbers out of range are left out.
const MAX_NUMBER = 1e9;
const MAX_URL = 2048;
const MAX_TEXT = 253;

// A lone half of a surrogate pair is not valid Unicode, and strict JSON parsers refuse the whole body for it. Class names may
// contain one, and cutting may leave one. With the flag u, the expression does not see the halves of a whole pair.
const toText = (name: string, text: string): Value =>
  text.slice(0, /(url|path|referrer)$/.test(name) ? MAX_URL : MAX_TEXT).replace(/[\ud800-\udfff]/gu, '') || undefined;

// Times come in steps of 0.005 ms or more, with noise from the binary fraction (123.40000000037253). Four digits are for CLS.
const toNumber = (number: number): Value =>
  number >= 0 && number <= MAX_NUMBER ? Math.round(number * 1e4) / 1e4 : undefined;

/** Returns groups as the flat fields that may be sent. */
export const toWire = (groups: Groups): Fields => {
  const fields: Fields = {};
  for (const group in groups) {
    for (const name in groups[group]) {
      const value = groups[group][name];
      fields[group + '.' + name] =
        typeof value === 'string' ? toText(name, value) : typeof value === 'number' ? toNumber(value) : value;
    }
  }
  return fields;
};
