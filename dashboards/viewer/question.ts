/**
 * What Explore asks, as parts of the URL that a person can read and change:
 *
 *     ?view=explore&c=P75(lcp.value)&c=COUNT&by=page.path&having=COUNT:>:30&order=COUNT:descending&limit=10&show=line
 *
 * A calculation with a name or with filters of its own is written as JSON, and so are formulas and calculated fields.
 */

import type { Calculation, Direction, Having, Named, Order, Query, Selection } from './types';

export const SHOWS = {
  line: 'Lines',
  bars: 'Bars',
  heatmap: 'Heat map',
  histogram: 'Histogram',
  table: 'Table',
} as const;

export type Show = keyof typeof SHOWS;

export interface Question {
  show: Show;
  calculations: Calculation[];
  formulas: Named[];
  fields: Named[];
  breakdowns: string[];
  havings: Having[];
  orders: Order[];
  /** 0 is the collector's choice, as for the granularity, which is in seconds. */
  limit: number;
  granularity: number;
  /** What BubbleUp looks at beside the answer. */
  selection: Selection | null;
}

export const DEFAULT_QUESTION: Question = {
  show: 'line',
  calculations: [],
  formulas: [],
  fields: [],
  breakdowns: [],
  havings: [],
  orders: [],
  limit: 0,
  granularity: 0,
  selection: null,
};

/** What is asked where nothing was chosen yet. */
export const FIRST_CALCULATION: Calculation = { op: 'P75', column: 'lcp.value' };

/** The key that a calculation has in the answer. */
export function keyOf({ op, column, name }: Calculation): string {
  return name ?? (column === undefined ? op : `${op}(${column})`);
}

export function parseQuestion(params: URLSearchParams): Question {
  const show = params.get('show') ?? '';
  return {
    show: Object.hasOwn(SHOWS, show) ? (show as Show) : DEFAULT_QUESTION.show,
    calculations: params.getAll('c').flatMap(parseCalculation),
    formulas: params.getAll('formula').flatMap(parseNamed),
    fields: params.getAll('field').flatMap(parseNamed),
    breakdowns: [...new Set(params.getAll('by').filter(Boolean))],
    havings: params.getAll('having').flatMap(parseHaving),
    orders: params.getAll('order').flatMap(parseOrder),
    limit: parseWhole(params.get('limit')),
    granularity: parseWhole(params.get('step')),
    selection: parseObject<Selection>(params.get('select')),
  };
}

/** The parts of the URL, defaults left out. */
export function formatQuestion(question: Question): [string, string][] {
  const { show, calculations, formulas, fields, breakdowns, havings, orders, limit, granularity, selection } = question;
  const parts: [string, string][] = [];
  if (show !== DEFAULT_QUESTION.show) parts.push(['show', show]);
  for (const calculation of calculations) parts.push(['c', formatCalculation(calculation)]);
  for (const formula of formulas) parts.push(['formula', JSON.stringify(formula)]);
  for (const field of fields) parts.push(['field', JSON.stringify(field)]);
  for (const breakdown of breakdowns) parts.push(['by', breakdown]);
  for (const { calculate_op, column, op, value } of havings) parts.push(['having', `${keyOf({ op: calculate_op, ...(column && { column }) })}:${op}:${value}`]);
  for (const { order, ...key } of orders) parts.push(['order', `${keyOfOrder(key)}:${order}`]);
  if (limit) parts.push(['limit', String(limit)]);
  if (granularity) parts.push(['step', String(granularity)]);
  if (selection) parts.push(['select', JSON.stringify(selection)]);
  return parts;
}

/** What an order is by, as its key in the answer. */
export function keyOfOrder({ op, column }: Omit<Order, 'order'>): string {
  if (op === undefined) return column ?? '';
  return column === undefined ? op : `${op}(${column})`;
}

const CALCULATION = /^([A-Z][A-Z0-9_.]*)(?:\((.+)\))?$/s;

/** Reads `COUNT` or `P75(lcp.value)`; null where it is neither. */
export function readCalculation(text: string): Calculation | null {
  const [, op, column] = CALCULATION.exec(text) ?? [];
  return op ? { op, ...(column && { column }) } : null;
}

function formatCalculation(calculation: Calculation): string {
  return calculation.name === undefined && !calculation.filters ? keyOf(calculation) : JSON.stringify(calculation);
}

function parseCalculation(text: string): Calculation[] {
  const calculation = text.startsWith('{') ? parseObject<Calculation>(text) : readCalculation(text);
  return calculation && typeof calculation.op === 'string' ? [calculation] : [];
}

function parseNamed(text: string): Named[] {
  const named = parseObject<Named>(text);
  return named && typeof named.name === 'string' && typeof named.expression === 'string' ? [named] : [];
}

function parseHaving(text: string): Having[] {
  const [, key, op, value] = /^(.+):(=|!=|>=?|<=?):(-?[\d.]+(?:e-?\d+)?)$/s.exec(text) ?? [];
  const calculation = key === undefined ? null : readCalculation(key);
  if (!calculation || !op || !Number.isFinite(Number(value))) return [];
  return [{ calculate_op: calculation.op, ...(calculation.column && { column: calculation.column }), op, value: Number(value) }];
}

function parseOrder(text: string): Order[] {
  const [, key, order] = /^(.+):(ascending|descending)$/s.exec(text) ?? [];
  return key ? [{ ...(readCalculation(key) ?? { column: key }), order: order as Direction }] : [];
}

function parseWhole(text: string | null): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function parseObject<T>(text: string | null): T | null {
  try {
    const value: unknown = text === null ? null : JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : null;
  } catch {
    return null;
  }
}

/** The question as a query that can be kept: what was chosen, and nothing that is added to show it. */
export function toSaved({ calculations, formulas, fields, breakdowns, havings, orders, limit, granularity }: Question): Query {
  return {
    calculations: calculations.length > 0 || formulas.length > 0 ? calculations : [FIRST_CALCULATION],
    ...(formulas.length > 0 && { formulas }),
    ...(fields.length > 0 && { calculated_fields: fields }),
    ...(breakdowns.length > 0 && { breakdowns }),
    ...(havings.length > 0 && { havings }),
    ...(orders.length > 0 && { orders }),
    ...(limit && { limit }),
    ...(granularity && { granularity }),
  };
}

/** The question that asks the same as a query. */
export function toQuestion(query: Query, show: Show): Question {
  return {
    ...DEFAULT_QUESTION,
    show,
    calculations: query.calculations,
    formulas: query.formulas ?? [],
    fields: query.calculated_fields ?? [],
    breakdowns: query.breakdowns ?? [],
    havings: query.havings ?? [],
    orders: query.orders ?? [],
    limit: query.limit ?? 0,
    granularity: query.granularity ?? 0,
  };
}

/** The column that a heat map or a histogram of the question is about. */
export function columnOf({ calculations }: Question): string {
  return calculations.find(({ op, column }) => column !== undefined && op !== 'COUNT_DISTINCT' && !op.startsWith('RATE'))?.column ?? FIRST_CALCULATION.column!;
}

/** The query that a question stands for; filters, dataset and time are added to it. */
export function toQuery(question: Question): Query {
  const { show, formulas, fields, breakdowns, havings, orders, limit, granularity } = question;
  const common = { ...(granularity && { granularity }), ...(fields.length > 0 && { calculated_fields: fields }) };
  if (show === 'heatmap' || show === 'histogram') {
    const column = columnOf(question);
    const marks = ['P50', 'P75', 'P95'].map((op) => ({ op, column }));
    return { ...common, calculations: [{ op: 'HEATMAP', column }, ...(show === 'heatmap' ? [{ op: 'P75', column }] : marks)], ...(show === 'histogram' && { disable_series: true }) };
  }
  const calculations = question.calculations.length > 0 || formulas.length > 0 ? question.calculations : [FIRST_CALCULATION];
  const counted = calculations.some((calculation) => keyOf(calculation) === 'COUNT') ? calculations : [...calculations, { op: 'COUNT' }];
  return {
    ...common,
    calculations: counted,
    ...(formulas.length > 0 && { formulas }),
    ...(breakdowns.length > 0 && { breakdowns }),
    ...(havings.length > 0 && { havings }),
    // Groups of many events are worth more than those whose value is extreme by chance.
    ...(orders.length > 0 ? { orders } : breakdowns.length > 0 && { orders: [{ op: 'COUNT', order: 'descending' as const }] }),
    ...(limit && { limit }),
    ...(show === 'table' && { disable_series: true }),
  };
}
