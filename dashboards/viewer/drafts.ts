/** Changes of dashboards that are not saved yet, kept by the browser's tab: they outlast a reload and a look at another view. */

import type { Draft } from './editing';

export interface Kept {
  /** The version of the dashboard that was changed. */
  version: number;
  draft: Draft;
}

const key = (id: string) => `wideload-draft-${id}`;

export function hasDraft(id: string): boolean {
  return sessionStorage.getItem(key(id)) !== null;
}

export function readDraft(id: string): Kept | null {
  return JSON.parse(sessionStorage.getItem(key(id)) ?? 'null') as Kept | null;
}

/** Keeps a draft, or forgets it. */
export function keepDraft(id: string, kept: Kept | null): void {
  if (kept) sessionStorage.setItem(key(id), JSON.stringify(kept));
  else sessionStorage.removeItem(key(id));
}
