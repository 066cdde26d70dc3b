/** The parts of Explore's question: what is shown, of which groups, in what order, and how. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { describeFilter } from '../definition';
import { harmless } from '../format';
import type { Question, Show } from '../question';
import { FIRST_CALCULATION, SHOWS, columnOf, keyOf, keyOfOrder, readCalculation } from '../question';
import type { Calculation, Field, Having, Order } from '../types';
import { FieldInput, meaningOf } from '../ui/fieldInput';
import { Icon } from '../ui/icons';
import { Labelled } from '../ui/labelled';
import { Popover } from '../ui/popover';
import { Segments } from '../ui/segments';
import { CalculationFilters, NamedForm, reference } from './builderForms';
import { CompareSelect } from './controls';

/** Calculations, with what their field has to be: none, any, or a number. */
const OPS: Record<string, 'none' | 'any' | 'number'> = {
  COUNT: 'none', COUNT_DISTINCT: 'any', AVG: 'number', SUM: 'number', MIN: 'number', MAX: 'number',
  P50: 'number', P75: 'number', P90: 'number', P95: 'number', P99: 'number', CONCURRENCY: 'number',
  RATE_SUM: 'number', RATE_AVG: 'number', RATE_MAX: 'number',
};
/** Stands in the list for a percentile that it does not have. */
const OTHER = 'P…';
const SHOW_OPTIONS = Object.entries(SHOWS).map(([value, title]) => ({ value: value as Show, title }));
const LIMITS = [5, 10, 20, 50, 100, 500, 1000];
const STEPS = [
  [60, '1 min'], [300, '5 min'], [600, '10 min'], [1800, '30 min'], [3600, '1 h'], [10_800, '3 h'], [21_600, '6 h'], [43_200, '12 h'], [86_400, '1 d'],
] as const;

export function Builder() {
  const { state, go } = useApp();
  const { question } = state;
  const change = (part: Partial<Question>) => go({ ...state, question: { ...question, ...part } });
  const isDistribution = question.show === 'heatmap' || question.show === 'histogram';
  return (
    <section class="builder panel" aria-label="Question">
      <Segments name="Shown as" options={SHOW_OPTIONS} value={question.show} onChoose={(show) => change({ show, selection: null })} />
      {isDistribution ? (
        <Part name="Of">
          <Chip text={columnOf(question)}>
            {(close) => <CalculationForm initial={{ op: 'P75', column: columnOf(question) }} fixed onDone={(calculation) => { close(); change({ calculations: [calculation], selection: null }); }} />}
          </Chip>
        </Part>
      ) : (
        <GroupedParts question={question} change={change} />
      )}
      <div class="builder-end">
        {question.show !== 'histogram' && question.show !== 'table' && (
          <select aria-label="Width of a point" title="Width of a point" value={question.granularity} onChange={(event) => change({ granularity: Number(event.currentTarget.value) })}>
            <option value={0}>Points: automatic</option>
            {STEPS.map(([seconds, title]) => <option key={seconds} value={seconds}>Points of {title}</option>)}
          </select>
        )}
        {!isDistribution && question.show !== 'table' && question.breakdowns.length === 0 && <CompareSelect />}
      </div>
    </section>
  );
}

interface PartsProps {
  question: Question;
  change: (part: Partial<Question>) => void;
}

function GroupedParts({ question, change }: PartsProps) {
  const { calculations, formulas, fields: made, breakdowns, havings, orders, limit } = question;
  const shown = calculations.length + formulas.length > 0 ? calculations : [FIRST_CALCULATION];
  const keys = [...shown.map(keyOf), ...formulas.map(({ name }) => name)];
  const parts = shown.map((calculation) => reference(keyOf(calculation)));
  return (
    <>
      <Part name="Show">
        {shown.map((calculation, index) => (
          <Chip key={index} text={keyOf(calculation)} title={describeCalculation(calculation)} onRemove={shown.length + formulas.length > 1 ? () => change({ calculations: shown.toSpliced(index, 1) }) : undefined}>
            {(close) => {
              const replace = (changed: Calculation) => {
                close();
                change({ calculations: shown.toSpliced(index, 1, changed) });
              };
              return (
                <>
                  <CalculationForm initial={calculation} onDone={replace} />
                  <CalculationFilters calculation={calculation} onChange={replace} />
                </>
              );
            }}
          </Chip>
        ))}
        {formulas.map((formula, index) => (
          <Chip key={formula.name} text={`${formula.name} = ${formula.expression}`} onRemove={() => change({ formulas: formulas.toSpliced(index, 1) })}>
            {(close) => <NamedForm label="Formula" initial={formula} parts={parts} hint={FORMULA_HINT} onDone={(changed) => { close(); change({ formulas: formulas.toSpliced(index, 1, changed) }); }} />}
          </Chip>
        ))}
        <Add name="Add a calculation">
          {(close) => <CalculationForm onDone={(added) => { close(); if (!keys.includes(keyOf(added))) change({ calculations: [...shown, added] }); }} />}
        </Add>
        <Add name="Add formula" label="Formula">
          {(close) => <NamedForm label="Formula" parts={parts} hint={FORMULA_HINT} onDone={(added) => { close(); change({ calculations: shown, formulas: [...formulas.filter(({ name }) => name !== added.name), added] }); }} />}
        </Add>
      </Part>
      <Part name="Group by">
        {breakdowns.map((name, index) => (
          <Chip key={name} text={name} onRemove={() => change({ breakdowns: breakdowns.toSpliced(index, 1) })}>
            {(close) => <FieldForm initial={name} onDone={(changed) => { close(); change({ breakdowns: [...new Set(breakdowns.toSpliced(index, 1, changed))] }); }} />}
          </Chip>
        ))}
        <Add name="Add a field to group by">
          {(close) => <FieldForm onDone={(added) => { close(); change({ breakdowns: [...new Set([...breakdowns, added])] }); }} />}
        </Add>
        {made.map((field, index) => (
          <Chip key={field.name} text={`${field.name} = ${field.expression}`} onRemove={() => change({ fields: made.toSpliced(index, 1), breakdowns: breakdowns.filter((name) => name !== field.name) })}>
            {(close) => <NamedForm label="Calculated field" initial={field} parts={[]} hint={FIELD_HINT} onDone={(changed) => { close(); change(renamed(question, field.name, made.toSpliced(index, 1, changed), changed.name)); }} />}
          </Chip>
        ))}
        <Add name="Add calculated field" label="Calculated field">
          {(close) => <NamedForm label="Calculated field" parts={[]} hint={FIELD_HINT} onDone={(added) => { close(); change({ fields: [...made.filter(({ name }) => name !== added.name), added], breakdowns: [...new Set([...breakdowns, added.name])] }); }} />}
        </Add>
      </Part>
      {breakdowns.length > 0 && (
        <>
          <Part name="Having">
            {havings.map((having, index) => (
              <Chip key={index} text={describeHaving(having)} onRemove={() => change({ havings: havings.toSpliced(index, 1) })} />
            ))}
            <Add name="Add a condition on groups">
              {(close) => <HavingForm calculations={shown} onDone={(added) => { close(); change({ havings: [...havings, added] }); }} />}
            </Add>
          </Part>
          <Part name="Order">
            <OrderSelect orders={orders} calculations={shown} breakdowns={breakdowns} onChange={(changed) => change({ orders: changed })} />
            <select aria-label="At most" title="At most so many groups" value={limit} onChange={(event) => change({ limit: Number(event.currentTarget.value) })}>
              <option value={0}>100 groups</option>
              {LIMITS.filter((count) => count !== 100).map((count) => <option key={count} value={count}>{count} groups</option>)}
              {limit > 0 && !LIMITS.includes(limit) && <option value={limit}>{limit} groups</option>}
            </select>
          </Part>
        </>
      )}
    </>
  );
}

function Part({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="builder-part" role="group" aria-label={name}>
      <span class="builder-name" aria-hidden="true">{name}</span>
      {children}
    </div>
  );
}

interface ChipProps {
  text: string;
  title?: string;
  onRemove?: (() => void) | undefined;
  children?: (close: () => void) => ComponentChildren;
}

function Chip({ text, title, onRemove, children }: ChipProps) {
  const shown = harmless(text);
  return (
    <span class="chip" data-fixed={!onRemove} title={title && harmless(title)}>
      {children ? <Popover class="quiet" label={shown} name={`Change ${shown}`}>{children}</Popover> : <span class="chip-text">{shown}</span>}
      {onRemove && <button type="button" class="quiet icon-button" aria-label={`Remove ${shown}`} onClick={onRemove}><Icon name="cross" /></button>}
    </span>
  );
}

function Add({ name, label, children }: { name: string; label?: string; children: (close: () => void) => ComponentChildren }) {
  return (
    <Popover class={label ? 'add-filter' : 'add-filter icon-button'} name={label ? `${label}: add one` : name} label={label ? <><Icon name="plus" />{label}</> : <Icon name="plus" />}>
      {children}
    </Popover>
  );
}

const FORMULA_HINT = 'Made of calculations: $COUNT, $"P75(lcp.value)", + - * /, and functions such as DIV and IF.';
const FIELD_HINT = 'Made of fields of one event: BUCKET($browser.width, 320), IF($lcp.value > 4000, "slow", "fast"). The question groups by it.';

/** The question in which a calculated field has another name wherever it is grouped by. */
function renamed({ breakdowns }: Question, before: string, fields: Question['fields'], after: string): Partial<Question> {
  return { fields, breakdowns: breakdowns.map((name) => (name === before ? after : name)) };
}

interface CalculationFormProps {
  initial?: Calculation;
  /** Only the field is chosen. */
  fixed?: boolean;
  onDone: (calculation: Calculation) => void;
}

function CalculationForm({ initial, fixed = false, onDone }: CalculationFormProps) {
  const { fields } = useApp();
  const [op, setOp] = useState(initial?.op ?? 'P75');
  const [column, setColumn] = useState(initial?.column ?? '');
  const [percent, setPercent] = useState('');
  const takes = OPS[op] ?? 'number';
  const chosen = op === OTHER ? `P${Number(percent)}` : op;
  const isPercent = op !== OTHER || /^\d{1,2}(\.\d{1,2})?$/.test(percent);
  const problem = !isPercent && percent !== '' ? 'A percentile lies from 0 to 99.99.' : takes === 'number' && isNoNumber(fields.get(column)) ? `${column} holds no numbers.` : '';
  const complete = (takes === 'none' || column !== '') && isPercent && !problem;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!complete) return;
    const { column: _, ...kept } = initial ?? { op };
    onDone({ ...kept, op: chosen, ...(takes !== 'none' && { column }) });
  };
  return (
    <form class="form" aria-label="Calculation" onSubmit={submit}>
      {!fixed && (
        <Labelled label="Calculation">
          {(id) => (
            <select id={id} value={op} onChange={(event) => setOp(event.currentTarget.value)}>
              {[...new Set([...Object.keys(OPS), op, OTHER])].map((name) => <option key={name} value={name}>{name === OTHER ? 'another percentile' : name}</option>)}
            </select>
          )}
        </Labelled>
      )}
      {op === OTHER && (
        <Labelled label="Percent">{(id) => <input id={id} inputMode="decimal" required value={percent} onInput={(event) => setPercent(event.currentTarget.value.trim())} />}</Labelled>
      )}
      {takes !== 'none' && (
        <Labelled label="Field">{(id) => <FieldInput id={id} value={column} numbers={takes === 'number'} onChange={setColumn} />}</Labelled>
      )}
      <p class="form-note">{problem || meaningOf(fields, column)}</p>
      <button type="submit" class="primary" disabled={!complete}>{initial ? 'Change' : 'Add'}</button>
    </form>
  );
}

function isNoNumber(field: Field | undefined): boolean {
  return field !== undefined && field.origin === 'dictionary' && !field.type.startsWith('number');
}

function FieldForm({ initial = '', onDone }: { initial?: string; onDone: (name: string) => void }) {
  const { fields } = useApp();
  const [column, setColumn] = useState(initial);
  return (
    <form class="form" aria-label="Field" onSubmit={(event) => { event.preventDefault(); if (column) onDone(column); }}>
      <Labelled label="Field">{(id) => <FieldInput id={id} value={column} onChange={setColumn} />}</Labelled>
      <p class="form-note">{meaningOf(fields, column)}</p>
      <button type="submit" class="primary" disabled={!column}>{initial ? 'Change' : 'Group'}</button>
    </form>
  );
}

function HavingForm({ calculations, onDone }: { calculations: readonly Calculation[]; onDone: (having: Having) => void }) {
  const keys = [...new Set(['COUNT', ...calculations.filter(({ name }) => name === undefined).map(keyOf)])];
  const [key, setKey] = useState(keys[0]!);
  const [op, setOp] = useState('>=');
  const [value, setValue] = useState('');
  const complete = value !== '' && Number.isFinite(Number(value));
  const submit = (event: Event) => {
    event.preventDefault();
    const calculation = readCalculation(key)!;
    if (complete) onDone({ calculate_op: calculation.op, ...(calculation.column && { column: calculation.column }), op, value: Number(value) });
  };
  return (
    <form class="form" aria-label="Condition on groups" onSubmit={submit}>
      <Labelled label="Value of the group">
        {(id) => <select id={id} value={key} onChange={(event) => setKey(event.currentTarget.value)}>{keys.map((name) => <option key={name}>{name}</option>)}</select>}
      </Labelled>
      <Labelled label="Operator">
        {(id) => (
          <select id={id} value={op} onChange={(event) => setOp(event.currentTarget.value)}>
            {['>=', '>', '<=', '<', '=', '!='].map((name) => <option key={name}>{name}</option>)}
          </select>
        )}
      </Labelled>
      <Labelled label="Number">{(id) => <input id={id} inputMode="decimal" required value={value} onInput={(event) => setValue(event.currentTarget.value)} />}</Labelled>
      <button type="submit" class="primary" disabled={!complete}>Add</button>
    </form>
  );
}

interface OrderSelectProps {
  orders: readonly Order[];
  calculations: readonly Calculation[];
  breakdowns: readonly string[];
  onChange: (orders: Order[]) => void;
}

/** The first of the orders; those after it are kept as they are. */
function OrderSelect({ orders, calculations, breakdowns, onChange }: OrderSelectProps) {
  const keys = [...calculations.filter(({ name }) => name === undefined).map(keyOf), 'COUNT', ...breakdowns];
  const current = orders[0] ? `${keyOfOrder(orders[0])}:${orders[0].order}` : '';
  const options = [...new Set(keys)].flatMap((key) => [`${key}:descending`, `${key}:ascending`]);
  const choose = (text: string) => {
    if (!text) return onChange([]);
    const [, key, order] = /^(.+):(\w+)$/s.exec(text)!;
    const by = breakdowns.includes(key!) ? { column: key! } : readCalculation(key!)!;
    return onChange([{ ...by, order: order as Order['order'] }, ...orders.slice(1)]);
  };
  return (
    <select aria-label="Order" title="Order" value={current} onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">most events first</option>
      {[...new Set([...options, ...(current ? [current] : [])])].map((text) => {
        const [, key, order] = /^(.+):(\w+)$/s.exec(text)!;
        return <option key={text} value={text}>{harmless(key!)} {order === 'descending' ? '↓' : '↑'}</option>;
      })}
    </select>
  );
}

function describeCalculation(calculation: Calculation): string {
  const { op, column, name, filters = [], filter_combination } = calculation;
  if (name === undefined && filters.length === 0) return keyOf(calculation);
  const where = filters.map(describeFilter).join(filter_combination === 'OR' ? ' or ' : ' and ');
  return `${name === undefined ? '' : `${name}: `}${keyOf({ op, ...(column && { column }) })}${where && ` where ${where}`}`;
}

function describeHaving({ calculate_op: op, column, op: compared, value }: Having): string {
  return `${keyOf({ op, ...(column && { column }) })} ${compared.replace('>=', '≥').replace('<=', '≤').replace('!=', '≠')} ${value}`;
}
