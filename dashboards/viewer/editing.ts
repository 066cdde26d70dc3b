/** What somebody does to a dashboard before it is saved. Pure. */

import type { Definition, PanelOptions } from './types';

/** What of a dashboard can be changed on its page; the queries only go with their panels. */
export type Draft = Pick<Definition, 'title' | 'description' | 'panels'>;

/** In columns of twelve. */
export const NARROWEST = 2;
export const WIDEST = 12;

export function toDraft({ title, description, panels }: Definition): Draft {
  return { title, description, panels };
}

/** Puts a panel in a place of the list, counted without it; beyond the ends it is the first or the last. */
export function withPlaced(draft: Draft, id: string, place: number): Draft {
  const panel = draft.panels.find((one) => one.id === id);
  if (!panel) return draft;
  const others = draft.panels.filter((one) => one !== panel);
  return { ...draft, panels: others.toSpliced(Math.max(0, place), 0, panel) };
}

/** Changes something of one panel. */
export function withPanel(draft: Draft, id: string, change: Partial<Pick<PanelOptions, 'title' | 'width'>>): Draft {
  return { ...draft, panels: draft.panels.map((panel) => (panel.id === id ? { ...panel, ...change } : panel)) };
}

export function clampWidth(width: number): number {
  return Math.max(NARROWEST, Math.min(WIDEST, width));
}

export function withoutPanel(draft: Draft, id: string): Draft {
  return { ...draft, panels: draft.panels.filter((panel) => panel.id !== id) };
}

/** The dashboard with what was changed. A query goes where no panel shows it any more. */
export function withDraft(definition: Definition, draft: Draft): Definition {
  const used = new Set(draft.panels.map(({ query }) => query));
  const queries = Object.fromEntries(Object.entries(definition.queries).filter(([name]) => used.has(name)));
  return { ...definition, ...draft, queries };
}

export function isChanged(definition: Definition, draft: Draft): boolean {
  return JSON.stringify(toDraft(definition)) !== JSON.stringify(draft);
}

/** A place on the page, in CSS pixels. */
export interface Rect {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Before which of the panels a pointer would drop something: from 0 to their number. Panels stand in rows, from left to right. */
export function dropPlace(rects: readonly Rect[], x: number, y: number): number {
  const place = rects.findIndex(({ left, right, top, bottom }, index) => {
    const isAlone = !isBeside(rects[index - 1], top) && !isBeside(rects[index + 1], top);
    return y < top || (y <= bottom && (isAlone ? y < (top + bottom) / 2 : x < (left + right) / 2));
  });
  return place < 0 ? rects.length : place;
}

function isBeside(rect: Rect | undefined, top: number): boolean {
  return rect !== undefined && rect.top <= top && rect.bottom > top;
}
