/** From a question of Explore to panels of a dashboard. Pure. */

import type { Question } from './question';
import { toQuery } from './question';
import type { Cohort, Definition, Field, Filter, PanelOptions } from './types';
import { toPanels } from './views/explorePanels';

export type NewDefinition = Omit<Definition, 'id'>;

/** An empty dashboard of this title. */
export function newDefinition(title: string): NewDefinition {
  return { title, description: '', queries: {}, panels: [] };
}

interface Asked {
  question: Question;
  filters: readonly Filter[];
  cohort?: Cohort | null;
  fields: ReadonlyMap<string, Field>;
  /** The title of the first panel; the others say beside it what they show. */
  title: string;
}

/** Adds what a question shows: its query, with the filters, and its panels. */
export function withQuestion<D extends NewDefinition>(definition: D, { question, filters, cohort, fields, title }: Asked): D {
  const name = free('query', (one) => one in definition.queries, '_');
  const panels = toPanels(question, fields);
  const ids = new Set(definition.panels.map(({ id }) => id));
  const added = panels.map((panel): PanelOptions => {
    const id = free(slug(title), (one) => ids.has(one), '-');
    ids.add(id);
    const width = panels.length > 1 && panel.kind !== 'table' ? 6 : 12;
    return { ...panel, id, query: name, width, title: panel === panels[0] ? title : `${title}: ${panel.title}` };
  });
  const query = { ...toQuery(question), ...(filters.length > 0 && { filters: [...filters] }), ...(cohort && { cohort }) };
  return { ...definition, queries: { ...definition.queries, [name]: query }, panels: [...definition.panels, ...added] };
}

function free(wanted: string, isTaken: (name: string) => boolean, between: string): string {
  let name = wanted;
  for (let number = 2; isTaken(name); number += 1) name = `${wanted}${between}${number}`;
  return name;
}

function slug(title: string): string {
  const plain = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+/, '').replace(/-$/, '');
  return plain || 'panel';
}
