import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reference, withFiltersOf } from '../views/builderForms';

const mobile = { column: 'device.type', op: '=', value: 'mobile' };
const slow = { column: 'lcp.value', op: '>', value: 4000 };

test('a calculation of some events is named after them, until it has none', () => {
  const some = withFiltersOf({ op: 'COUNT' }, [mobile]);
  const fewer = withFiltersOf(some, [mobile, slow]);

  assert.deepEqual(some, { op: 'COUNT', name: 'COUNT where device.type = mobile', filters: [mobile] });
  assert.equal(fewer.name, 'COUNT where device.type = mobile and lcp.value > 4000');
  assert.deepEqual(withFiltersOf(fewer, []), { op: 'COUNT' });
});

test('a name that somebody has given stays', () => {
  assert.deepEqual(withFiltersOf({ op: 'COUNT', name: 'poor', filters: [slow] }, [mobile]), { op: 'COUNT', name: 'poor', filters: [mobile] });
});

test('names in expressions are quoted where they have to be', () => {
  assert.deepEqual(['COUNT', 'page.path', 'P75(lcp.value)', 'a "b"'].map(reference), ['$COUNT', '$page.path', '$"P75(lcp.value)"', '$"a \\"b\\""']);
});
