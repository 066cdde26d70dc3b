/** The reader's filters as chips: add one, change one, take one away. */

import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { describeCohort, describeFilter } from '../definition';
import { isList } from '../fields';
import { harmless } from '../format';
import { useResource } from '../resource';
import { OPERATORS, hasCohort, withFilter } from '../state';
import type { Field, Filter, Scalar } from '../types';
import { Icon } from '../ui/icons';
import { Labelled } from '../ui/labelled';
import { Popover } from '../ui/popover';

export function FilterBar() {
  const { state, go, fields } = useApp();
  const replace = (index: number, ...filters: Filter[]) => go({ ...state, filters: state.filters.toSpliced(index, 1, ...filters) });
  return (
    <section class="filter-bar" aria-label="Filters">
      <Popover class="add-filter" label={<><Icon name="filter" />Add filter</>}>
        {(close) => <FilterForm fields={fields} onDone={(filter) => { close(); go(withFilter(state, filter)); }} />}
      </Popover>
      {state.cohort && hasCohort(state) && (
        <span class="chip" title="Parts add up only among events of about the same length.">
          <span class="chip-text">{describeCohort(state.cohort)}</span>
          <button type="button" class="quiet icon-button" aria-label="Ask about all events, not only this cohort" onClick={() => go({ ...state, cohort: null })}>
            <Icon name="cross" />
          </button>
        </span>
      )}
      {state.filters.map((filter, index) => {
        const text = describeFilter(filter);
        return (
          <span class="chip" key={text}>
            <Popover class="quiet" label={text} name={`Change the filter ${text}`}>
              {(close) => <FilterForm fields={fields} initial={filter} onDone={(changed) => { close(); replace(index, changed); }} />}
            </Popover>
            <button type="button" class="quiet icon-button" aria-label={`Remove the filter ${text}`} onClick={() => replace(index)}>
              <Icon name="cross" />
            </button>
          </span>
        );
      })}
      {state.filters.length > 1 && <button type="button" class="quiet clear" onClick={() => go({ ...state, filters: [] })}>Remove all</button>}
    </section>
  );
}

interface FormProps {
  fields: ReadonlyMap<string, Field>;
  initial?: Filter;
  onDone: (filter: Filter) => void;
}

/** Field, operator and value of one filter. */
export function FilterForm({ fields, initial, onDone }: FormProps) {
  const [column, setColumn] = useState(initial?.column ?? '');
  const [op, setOp] = useState(initial?.op ?? '=');
  const [value, setValue] = useState(initial?.value === undefined ? '' : [initial.value].flat().join(', '));
  const field = fields.get(column);
  const values = useValues(field, OPERATORS[op] === 'many' ? value.slice(value.lastIndexOf(',') + 1).trim() : value);
  const filter = readFilter(column, op, value, field);
  const submit = (event: Event) => {
    event.preventDefault();
    if (filter) onDone(filter);
  };
  return (
    <form class="form" aria-label="Filter" onSubmit={submit}>
      <Labelled label="Field">
        {(id) => <TextInput id={id} list="field-names" value={column} onChange={setColumn} />}
      </Labelled>
      <datalist id="field-names">
        {[...fields.values()].filter(isSuggested).map(({ name, group }) => <option key={name} value={name}>{group}</option>)}
      </datalist>
      <Labelled label="Operator">
        {(id) => (
          <select id={id} value={op} onChange={(event) => setOp(event.currentTarget.value)}>
            {Object.keys(OPERATORS).map((name) => <option key={name} value={name}>{name.replaceAll('-', ' ')}</option>)}
          </select>
        )}
      </Labelled>
      {OPERATORS[op] !== 'none' && (
        <Labelled label={OPERATORS[op] === 'many' ? 'Values, with commas between' : 'Value'}>
          {(id) => <TextInput id={id} list="field-values" value={value} onChange={setValue} />}
        </Labelled>
      )}
      <datalist id="field-values">{values.map((text) => <option key={text} value={text} />)}</datalist>
      <p class="form-note">{isList(field) ? 'A list has many values in one page view, so it can’t filter page views.' : field?.meaning}</p>
      <button type="submit" class="primary" disabled={!filter}>{initial ? 'Change filter' : 'Add filter'}</button>
    </form>
  );
}

interface TextInputProps {
  id: string;
  list: string;
  value: string;
  onChange: (value: string) => void;
}

function TextInput({ id, list, value, onChange }: TextInputProps) {
  return (
    <input
      id={id}
      list={list}
      required
      autocomplete="off"
      spellcheck={false}
      value={value}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** The filter that the form holds, or null while it is not complete. */
export function readFilter(column: string, op: string, text: string, field: Field | undefined): Filter | null {
  const name = column.trim();
  const takes = OPERATORS[op];
  if (!name || !takes || isList(field)) return null;
  if (takes === 'none') return { column: name, op };
  const values = (takes === 'many' ? text.split(',') : [text]).map((part) => readValue(part.trim(), field?.type));
  const complete = values.filter((value): value is Scalar => value !== null);
  if (complete.length < values.length) return null;
  return { column: name, op, value: takes === 'many' ? complete : complete[0]! };
}

/** Reads text as the field's type wants it. */
function readValue(text: string, type: Field['type'] | undefined): Scalar | null {
  if (text === '') return null;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : null;
  if (type === 'number') return Number.isFinite(Number(text)) ? Number(text) : null;
  return text;
}

/** A name that is not what it looks like is left to be typed. */
function isSuggested(field: Field): boolean {
  return !isList(field) && harmless(field.name) === field.name;
}

/** Values to choose from: those that the dataset has, of what has many of them by what is typed. */
function useValues(field: Field | undefined, typed: string): string[] {
  const { api, cache, dataset } = useApp();
  const asks = field !== undefined && !isList(field) && field.type !== 'boolean' && field.type !== 'time';
  const key = asks ? `values ${dataset} ${field.name} ${typed}` : '';
  const { data, stale } = useResource(key, 0, (signal) => api.values(dataset, field!.name, typed, signal), cache);
  if (field?.type === 'boolean') return ['true', 'false'];
  return asks && !stale ? (data ?? []).filter((text) => harmless(text) === text) : [];
}
