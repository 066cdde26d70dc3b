/** What the viewer knows of fields beside what the dictionary says. */

import type { Field } from './types';

/** A question that names a list counts its items and not events, so a filter of a whole view cannot be on one. */
export function isList(field: Field | undefined): boolean {
  return field !== undefined && field.type.endsWith('s');
}
