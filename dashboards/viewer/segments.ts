/** The groups that a dashboard compares: what each is by its filters, which the reader may change and the URL keeps, `var-a=f=device.type:=:mobile`. */

import { describeFilter } from './definition';
import type { State } from './state';
import { formatFilters, parseFilters } from './state';
import type { Definition, Filter, Segment } from './types';

/** The filters of a segment: the reader's, or else its own. */
export function segmentFilters({ name, filters }: Segment, chosen: Record<string, string>): Filter[] {
  return Object.hasOwn(chosen, name) ? parseFilters(chosen[name]!) : filters;
}

/** The state in which a segment has other filters. */
export function withSegment(state: State, { name }: Segment, filters: readonly Filter[]): State {
  return { ...state, parameters: { ...state.parameters, [name]: formatFilters(filters) } };
}

/** True where the reader has changed any segment. */
export function isChosen({ segments = [] }: Definition, chosen: Record<string, string>): boolean {
  return segments.some(({ name }) => Object.hasOwn(chosen, name));
}

/** The definition whose segments are by themselves what the reader has chosen. */
export function withChosen(definition: Definition, chosen: Record<string, string>): Definition {
  const { segments } = definition;
  return segments ? { ...definition, segments: segments.map((segment) => ({ ...segment, filters: segmentFilters(segment, chosen) })) } : definition;
}

/** What a segment is, in words. */
export function describeSegment(filters: readonly Filter[]): string {
  return filters.length > 0 ? filters.map(describeFilter).join(' and ') : 'all';
}

/** Puts the filters of segments in the places where calculations name them. */
export function fillSegments(definition: Definition, chosen: Record<string, string>): Definition {
  const segments = new Map((definition.segments ?? []).map((segment) => [segment.name, segmentFilters(segment, chosen)]));
  const fill = <Part extends { filters?: Filter[] }>({ filters, ...part }: Part): Part => {
    const filled = (filters ?? []).flatMap((filter): Filter[] => {
      if ('segment' in filter) return segments.get(String(filter.segment)) ?? [];
      if (!('filters' in filter)) return [filter];
      const group = fill(filter as Filter & { filters: Filter[] });
      return group.filters ? [group] : [];
    });
    return { ...part, ...(filled.length > 0 && { filters: filled }) } as Part;
  };
  const queries = Object.entries(definition.queries).map(([name, query]) => [name, { ...query, calculations: query.calculations.map(fill) }]);
  return { ...definition, queries: Object.fromEntries(queries) };
}
