/** Dashboards that people make: who may change them, and what is left when a panel goes. Pure. */

import type { Definition, User } from './types';

/** True for who may change dashboards about a dataset. */
export function mayEdit({ roles }: User, dataset: string): boolean {
  return [roles['*'], roles[dataset]].some((role) => role === 'editor' || role === 'admin');
}

/** Moves a panel by one place, towards the start or the end. */
export function withMoved(definition: Definition, id: string, by: -1 | 1): Definition {
  const at = definition.panels.findIndex((panel) => panel.id === id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= definition.panels.length) return definition;
  const panels = definition.panels.toSpliced(at, 1).toSpliced(to, 0, definition.panels[at]!);
  return { ...definition, panels };
}

/** Widths to choose from, in columns of twelve. */
const WIDTHS = [3, 4, 6, 8, 9, 12];

/** Makes a panel one step wider or narrower. */
export function withResized(definition: Definition, id: string, by: -1 | 1): Definition {
  const resize = (width: number) => (by > 0 ? WIDTHS.find((one) => one > width) : WIDTHS.findLast((one) => one < width)) ?? width;
  return { ...definition, panels: definition.panels.map((panel) => (panel.id === id ? { ...panel, width: resize(panel.width) } : panel)) };
}

/** Takes a panel away, and its query where no other panel shows it. */
export function withoutPanel(definition: Definition, id: string): Definition {
  const panels = definition.panels.filter((panel) => panel.id !== id);
  const used = new Set(panels.map(({ query }) => query));
  const queries = Object.fromEntries(Object.entries(definition.queries).filter(([name]) => used.has(name)));
  return { ...definition, panels, queries };
}
