import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toCsv } from '../panels/export';
import { numberColumn, textColumn, timeColumn } from '../panels/sheet';

const columns = [timeColumn('From'), textColumn('Page'), numberColumn('Views')];

test('rows are CSV', () => {
  assert.equal(toCsv({ columns, rows: [[0, 'a "b", c', 1.5], [60_000, null, null]] }), 'From,Page,Views\r\n1970-01-01T00:00:00.000Z,"a ""b"", c",1.5\r\n1970-01-01T00:01:00.000Z,,\r\n');
});

test('no spreadsheet computes what a page has sent', () => {
  const cells = ['=1+1', '+1', '-1', '@x', '\tx', '＝1'].map((text) => toCsv({ columns: [textColumn('Page')], rows: [[text]] }).split('\r\n')[1]);
  assert.ok(cells.every((cell) => cell!.replace('"', '').startsWith("'")), cells.join());
});
