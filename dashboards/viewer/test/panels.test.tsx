import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'preact-render-to-string';

import { createCursor } from '../charts/cursor';
import type { PanelContext } from '../panels/panel';
import { Placeholder } from '../panels/registry';
import { TablePanel, sortRows } from '../panels/table';
import { TimeseriesPanel } from '../panels/timeseries';
import { VitalPanel } from '../panels/vital';
import type { Answer, Row, TableOptions, TimeseriesOptions, VitalOptions } from '../types';

const nothing = () => undefined;
const context: PanelContext = {
  cursor: createCursor(), markers: [], breakdowns: [], field: nothing, canFilter: () => true, addFilter: nothing, addFilters: nothing, zoom: nothing, select: nothing,
  selection: null, explore: null, detail: null, request: null,
};
const grouped = { ...context, breakdowns: ['page.path'] };
const meta = { elapsed_ms: 1, rows_read: 1, start_time: 0, end_time: 120, granularity: 60, limited: false };
const answer = (...rows: Row[]): Answer => ({ results: rows.map((data) => ({ data })), series: [], meta });

const tile: VitalOptions = {
  id: 'lcp', kind: 'vital', title: 'Largest Contentful Paint', query: 'q', width: 2, vital: 'lcp', value: 'p75', bands: ['good', 'fair', 'poor'],
};
const table: TableOptions = {
  id: 'pages', kind: 'table', title: 'Pages', query: 'q', width: 12,
  columns: [{ key: 'page.path', title: 'Page' }, { key: 'COUNT', title: 'Views', bar: true }, { key: 'p75', title: 'LCP', vital: 'lcp', count: 'n' }],
  sort: { key: 'p75', order: 'descending' },
};

/** What a reader sees or hears, without markup. */
const words = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/[\s\u00a0]+/g, ' ');
const drawTile = (row: Row) => words(render(<VitalPanel data={answer(row)} options={tile} context={context} />));

test('a tile says value, rating, shares and samples', () => {
  const text = drawTile({ p75: 2841, good: 70, fair: 20, poor: 10 });
  assert.match(text, /2\.84 s needs improvement 70 % 20 % 10 % p75 of 100 samples/);
  assert.match(text, /Largest Contentful Paint: p75 2\.84 s, needs improvement; 70 % good, .*; 100 samples\./);
});

test('a tile with few samples says so', () => {
  assert.match(drawTile({ p75: 2841, good: 12, fair: 5, poor: 5 }), /needs improvement.*Only 22 samples/);
});

test('a tile with too few samples is not rated', () => {
  assert.match(drawTile({ p75: 2841, good: 1, fair: 2, poor: 1 }), /2\.84 s not rated.*Not rated: 4 samples/);
});

test('a tile without samples says that nothing was measured', () => {
  assert.match(drawTile({ p75: null, good: 0, fair: 0, poor: 0 }), /– nothing measured.*No samples/);
});

test('a note stands there before the data, so that it moves nothing when that comes', () => {
  assert.match(words(render(<Placeholder options={{ ...table, note: 'Slowest first.' }} />)), /Pages Slowest first\. Loading/);
});

test('hostile text stays text', () => {
  const html = render(<TablePanel data={answer({ 'page.path': '<img src=x onerror=alert(1)>', COUNT: 1, p75: 1, n: 1 })} options={table} context={grouped} />);
  assert.ok(!html.includes('<img'));
  assert.ok(html.includes('&lt;img'));
});

test('a group without a value is named', () => {
  const html = render(<TablePanel data={answer({ 'page.path': null, COUNT: 1, p75: null, n: 0 })} options={table} context={grouped} />);
  assert.match(words(html), /\(none\) 1 –/);
});

test('a vital with too few samples stands last in either order', () => {
  const rows = [{ id: 'few', p75: 9000, n: 3 }, { id: 'slow', p75: 5000, n: 50 }, { id: 'none', p75: null, n: 0 }, { id: 'fast', p75: 900, n: 50 }];
  const order = (direction: 'ascending' | 'descending') => sortRows(rows, table, { key: 'p75', order: direction }).map((row) => row.id);
  assert.deepEqual(order('descending'), ['slow', 'fast', 'few', 'none']);
  assert.deepEqual(order('ascending').slice(0, 2), ['fast', 'slow']);
});

test('a chart has a sentence that says what it shows', () => {
  const options: TimeseriesOptions = { id: 't', kind: 'timeseries', title: 'LCP, p75', query: 'q', width: 4, mark: 'line', vital: 'lcp', value: 'p75', count: 'n' };
  const series = [{ time: '1970-01-01T00:00:00Z', data: { p75: 2000, n: 40 } }, { time: '1970-01-01T00:01:00Z', data: { p75: 4500, n: 40 } }];
  const html = render(<TimeseriesPanel data={{ results: [], series, meta }} options={options} context={context} />);
  assert.match(words(html), /LCP, p75 over time: from 2\.00 s to 4\.50 s, lately 4\.50 s, poor\./);
});
