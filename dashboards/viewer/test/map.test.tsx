import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'preact-render-to-string';
import { COUNTRIES } from 'world';

import { createCursor } from '../charts/cursor';
import { countryName, formatField } from '../format';
import { MapPanel, toPlaces } from '../panels/map';
import type { PanelContext } from '../panels/panel';
import type { Answer, MapOptions, Row } from '../types';

const nothing = () => undefined;
const context: PanelContext = {
  cursor: createCursor(), markers: [], breakdowns: ['geo.country.iso_code'], field: nothing, canFilter: () => true, addFilter: nothing, addFilters: nothing,
  zoom: nothing, select: nothing, selection: null, explore: null, detail: null, request: null,
};
const options: MapOptions = {
  id: 'map', kind: 'map', title: 'World', query: 'q', width: 6, key: 'geo.country.iso_code',
  values: [{ key: 'P75(lcp.value)', title: 'LCP, p75', vital: 'lcp', count: 'n' }, { key: 'COUNT', title: 'Views', unit: 'count' }],
};
const row = (code: string | null, lcp: number, n: number): Row => ({ 'geo.country.iso_code': code, 'P75(lcp.value)': lcp, n, COUNT: n });
const answer = (...rows: Row[]): Answer => ({
  results: rows.map((data) => ({ data })), meta: { elapsed_ms: 1, rows_read: 1, start_time: 0, end_time: 120, granularity: 60, limited: false },
});
const draw = (...rows: Row[]) => render(<MapPanel data={answer(...rows)} options={options} context={context} />);

test('a country has the colour of its rating, and none with too few samples', () => {
  const html = draw(row('BR', 4300, 90), row('DE', 1900, 500), row('JP', 5000, 4));

  assert.match(html, /data-code="BR" data-rating="poor"/);
  assert.match(html, /data-code="DE" data-rating="good"/);
  assert.match(html, /data-code="JP" data-rating="none"/);
});

test('what is too small for the map is named below it', () => {
  assert.match(draw(row('MT', 1500, 40)).replaceAll(/<[^>]*>/g, ' '), /Not on the map:\s+Malta 1\.50/);
});

test('views of no known country are in no place', () => {
  assert.deepEqual(toPlaces(answer(row(null, 1, 1), row('FR', 1800, 40)), options, options.values[0]!).map(({ code }) => code), ['FR']);
  assert.match(draw(row(null, 1, 1)), /country_database/);
});

test('every shape is a country that has a name', () => {
  for (const code of Object.keys(COUNTRIES)) assert.notEqual(countryName(code), code);
});

test('a country is called by its name wherever its field is shown', () => {
  const field = { name: 'geo.country.iso_code', type: 'string', unit: '' };

  assert.equal(formatField('BR', field), 'Brazil');
  assert.equal(formatField('<b>', field), '<b>');
});
