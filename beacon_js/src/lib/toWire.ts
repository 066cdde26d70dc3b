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
      const length = /(url|path|rer|trace)$/.test(name) ? 2048 : /(s|message)$/.test(name) ? 512 : 253;
      const convert = (value: Scalar | null): Scalar => {
        if (typeof value === 'string') return toText(value, length);
        if (typeof value !== 'number') return value ?? undefined;
        // Tenths of a millisecond are what browsers tell at best; small numbers are often no times, but shares and CLS.
        const precision = value < 10 ? 1e4 : 10;
        return value >= 0 && value < MAX_NUMBER ? Math.round(value * precision) / precision : undefined;
      };
      const value = groups[group][name];
      // Of a list only null says "not measured": it must stay as long as its parallels.
      if (!Array.isArray(value)) {
        const converted = convert(value as Scalar);
        if (converted !== '') fields[group + '.' + name] = converted;
      } else if (value.length) {
        fields[group + '.' + name] = value.map((item) => convert(item) ?? null);
      }
    }
  }
  return fields;
};
