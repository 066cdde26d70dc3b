/** Forms of Explore's question: names for expressions, and filters of one calculation alone. */

import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { describeFilter } from '../definition';
import { harmless } from '../format';
import { keyOf } from '../question';
import { FilterForm } from '../shell/filterBar';
import type { Calculation, Filter, Named } from '../types';
import { Icon } from '../ui/icons';
import { Labelled } from '../ui/labelled';

/** The longest name that the collector takes has 255 characters. */
const LONGEST = 200;

interface NamedFormProps {
  label: string;
  initial?: Named;
  /** What the expression may be made of, as it is written there. */
  parts: readonly string[];
  hint: string;
  onDone: (named: Named) => void;
}

/** A name and an expression: a formula over calculations, or a field that the question makes up. */
export function NamedForm({ label, initial, parts, hint, onDone }: NamedFormProps) {
  const [name, setName] = useState(initial?.name ?? '');
  const [expression, setExpression] = useState(initial?.expression ?? '');
  const complete = name.trim() !== '' && expression.trim() !== '';
  const submit = (event: Event) => {
    event.preventDefault();
    if (complete) onDone({ name: name.trim(), expression: expression.trim() });
  };
  return (
    <form class="form" aria-label={label} onSubmit={submit}>
      <Labelled label="Name">
        {(id) => <input id={id} required maxlength={LONGEST} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
      </Labelled>
      <Labelled label="Expression">
        {(id) => <input id={id} required spellcheck={false} autocomplete="off" value={expression} onInput={(event) => setExpression(event.currentTarget.value)} />}
      </Labelled>
      {parts.length > 0 && (
        <p class="expression-parts">
          {parts.map((part) => <button key={part} type="button" class="quiet" onClick={() => setExpression(`${expression}${part}`)}>{harmless(part)}</button>)}
        </p>
      )}
      <p class="form-note">{hint}</p>
      <button type="submit" class="primary" disabled={!complete}>{initial ? 'Change' : 'Add'}</button>
    </form>
  );
}

/** How a calculation or a field is written in an expression. */
export function reference(key: string): string {
  return /^[A-Za-z_][\w.]*$/.test(key) ? `$${key}` : `$${JSON.stringify(key)}`;
}

/** What a calculation counts and what not; the rest of the question is not touched. */
export function CalculationFilters({ calculation, onChange }: { calculation: Calculation; onChange: (changed: Calculation) => void }) {
  const { fields } = useApp();
  const [adding, setAdding] = useState(false);
  const filters = calculation.filters ?? [];
  const change = (changed: Filter[]) => onChange(withFiltersOf(calculation, changed));
  return (
    <section class="calculation-filters" aria-label="Only of these events">
      {filters.length > 0 && <p class="form-note">Only of events with</p>}
      {filters.map((filter, place) => {
        const text = 'column' in filter ? describeFilter(filter) : 'a group of filters';
        return (
          <span class="chip" key={place}>
            <span class="chip-text">{text}</span>
            <button type="button" class="quiet icon-button" aria-label={`Remove the filter ${text}`} onClick={() => change(filters.toSpliced(place, 1))}><Icon name="cross" /></button>
          </span>
        );
      })}
      {adding ? (
        <FilterForm fields={fields} onDone={(filter) => change([...filters, filter])} />
      ) : (
        <button type="button" class="add-filter" onClick={() => setAdding(true)}><Icon name="filter" />Only some events</button>
      )}
    </section>
  );
}

/** The calculation with other filters. It gets a name of what it is then, as there may be the same of all events beside it. */
export function withFiltersOf({ filters: before = [], name, ...rest }: Calculation, filters: readonly Filter[]): Calculation {
  const made = (some: readonly Filter[]) => `${keyOf(rest)} where ${some.map(describeFilter).join(' and ')}`.slice(0, LONGEST);
  const isOwn = name !== undefined && name !== made(before);
  if (filters.length === 0) return isOwn ? { ...rest, name } : rest;
  return { ...rest, name: isOwn ? name : made(filters), filters: [...filters] };
}
