/** Dashboards that people make: who may change them. Pure. */

import type { User } from './types';

/** True for who may change dashboards about a dataset. */
export function mayEdit({ roles }: User, dataset: string): boolean {
  return [roles['*'], roles[dataset]].some((role) => role === 'editor' || role === 'admin');
}
