/** An input for the name of a field, with those that the dataset has to choose from. */

import { useApp } from '../context';
import { harmless } from '../format';
import type { Field } from '../types';

/** The names to choose from, once for all inputs of a view. */
export function FieldNames() {
  const { fields } = useApp();
  const all = [...fields.values()].filter(({ name }) => harmless(name) === name);
  return (
    <>
      <datalist id="all-fields">{all.map(({ name, group }) => <option key={name} value={name}>{group}</option>)}</datalist>
      <datalist id="number-fields">
        {all.filter(({ type }) => type.startsWith('number')).map(({ name, group }) => <option key={name} value={name}>{group}</option>)}
      </datalist>
    </>
  );
}

interface Props {
  id: string;
  value: string;
  numbers?: boolean;
  onChange: (value: string) => void;
}

export function FieldInput({ id, value, numbers = false, onChange }: Props) {
  return (
    <input
      id={id}
      list={numbers ? 'number-fields' : 'all-fields'}
      required
      autocomplete="off"
      spellcheck={false}
      value={value}
      onInput={(event) => onChange(event.currentTarget.value.trim())}
    />
  );
}

/** What the dictionary says of a field, for the note below an input. */
export function meaningOf(fields: ReadonlyMap<string, Field>, name: string): string {
  return fields.get(name)?.meaning ?? '';
}
