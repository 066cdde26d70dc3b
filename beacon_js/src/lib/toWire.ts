import type {Fields, Groups, Scalar} from '../types.js';
import {mask} from './mask.js';

const MAX_NUMBER = 1e9;

/**
 * Returns a text that may be sent: masked, and as long as the collector takes it, or a page with a long path would be lost.
 * A lone half of a surrogate pair is not valid Unicode, and strict JSON parsers refuse the whole body for it. Class names may
 * contain one, and cutting may leave one. With the flag u, the expression does not see the halves of a whole pair.
 */
export const toText = (text: string, length: number): string =>
  // Most texts are short words, and there are hundreds.
  /[^\w./-]/.test(text) || text.length > length ? mask(text).slice(0, length).replace(/[\ud800-\udfff]/gu, '') : text;

/** Returns groups as the flat fields that may be sent. */
export const toWire = (groups: Groups): Fields => {
  const fields: Fields = {};
  for (const group in groups) {
    for (const name in groups[group]) {
      const value = groups[group][name];
      const isList = Array.isArray(value);
      const length = isList || /(s|message)$/.test(name) ? 512 : /(url|path|rer|trace)$/.test(name) ? 2048 : 253;
      const convert = (item: unknown): Scalar => {
        if (typeof item === 'string') return toText(item, length);
        if (typeof item !== 'number') return item === !!item ? item : undefined;
        // Tenths of a millisecond are what browsers tell at best; small numbers are often no times, but shares and CLS.
        const precision = item < 10 ? 1e4 : 10;
        return item >= 0 && item < MAX_NUMBER ? Math.round(item * precision) / precision : undefined;
      };
      // Of a list only null says "not measured": it must stay as long as its parallels.
      const converted = isList ? value.map((item) => convert(item) ?? null) : convert(value);
      // An empty text or list is no value.
      if ((converted as string)?.length !== 0) fields[group + '.' + name] = converted;
    }
  }
  return fields;
};
