/** Dashboards that people make: who may change them, and what is left when a panel goes. Pure. */

import type { Definition, User } from './types';

/** True for who may change dashboards about a dataset. */
export function mayEdit({ roles }: User, dataset: string): boolean {
  return [roles['*'], roles[dataset]].some((role) => role === 'editor' || role === 'admin');
}

/** Takes a panel away, and its query where no other panel shows it. */
export function withoutPanel(definition: Definition, id: string): Definition {
  const panels = definition.panels.filter((panel) => panel.id !== id);
  const used = new Set(panels.map(({ query }) => query));
  const queries = Object.fromEntries(Object.entries(definition.queries).filter(([name]) => used.has(name)));
  return { ...definition, panels, queries };
}
