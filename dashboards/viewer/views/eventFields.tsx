/** Everything that one event holds: grouped as in the dictionary, searchable, each value a filter. */

import { useMemo, useState } from 'preact/hooks';

import { useApp } from '../context';
import { formatCount, formatField, harmless, quoted } from '../format';
import type { Lists } from '../items';
import { Frame } from '../panels/frame';
import { filterFor, withFilter } from '../state';
import type { Field, Row } from '../types';

interface Entry {
  field: Field;
  /** Null for a list, which is no filter. */
  value: string | number | boolean | null;
  text: string;
}

export function EventFields({ event, lists }: { event: Row; lists: Lists }) {
  const { fields } = useApp();
  const [search, setSearch] = useState('');
  const entries = useMemo(() => toEntries(event, lists, fields), [event, lists, fields]);
  const found = entries.filter((entry) => matches(entry, search));
  const input = (
    <input
      type="search"
      class="search"
      placeholder="Search names and values"
      aria-label="Search names and values"
      value={search}
      onInput={(change) => setSearch(change.currentTarget.value)}
    />
  );
  return (
    <Frame
      id="event-fields"
      kind="fields"
      title="Everything recorded"
      aside={<><p class="readout" role="status">{countFound(found.length, entries.length)}</p>{input}</>}
    >
      {found.length === 0 && <p class="panel-empty">No field has this in its name or value.</p>}
      <div class="field-groups">
        {groupEntries(found).map(([group, members]) => <Group key={group} name={group} entries={members} />)}
      </div>
    </Frame>
  );
}

function Group({ name, entries }: { name: string; entries: Entry[] }) {
  const { state, go } = useApp();
  return (
    <section class="field-group">
      <h3>{name}</h3>
      <dl>
        {entries.map(({ field, value, text }) => (
          <div key={field.name} title={field.meaning}>
            <dt>{harmless(field.name)}</dt>
            <dd>
              {value === null ? text : (
                <button
                  type="button"
                  class="quiet cell"
                  title={`Show page views with ${quoted(field.name)} = ${quoted(text)}`}
                  onClick={() => go({ ...withFilter(state, filterFor(field.name, value)), view: 'page-views', id: '' })}
                >
                  {text}
                </button>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** In the dictionary's order; what it does not know comes last. */
function toEntries(event: Row, lists: Lists, fields: ReadonlyMap<string, Field>): Entry[] {
  const known = [...fields.values()].filter(({ name }) => lists[name] || (event[name] !== undefined && event[name] !== null));
  const others = Object.keys(event).filter((name) => !fields.has(name) && event[name] !== null).sort().map(unknownField);
  return [...known, ...others].map((field) => {
    const list = lists[field.name];
    if (list) return { field, value: null, text: `${formatCount(list.length)} ${list.length === 1 ? 'item' : 'items'}` };
    const value = event[field.name] as Entry['value'];
    return { field, value, text: formatField(value, field) };
  });
}

function unknownField(name: string): Field {
  return { name, type: 'string', unit: '', meaning: 'An attribute that the page added.', group: 'Attributes', origin: 'attribute' };
}

function groupEntries(entries: Entry[]): [string, Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const name = entry.field.group || 'Attributes';
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups];
}

function countFound(found: number, all: number): string {
  return found === all ? `${all} fields` : `${found} of ${all} fields`;
}

function matches({ field, text }: Entry, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return field.name.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted);
}
