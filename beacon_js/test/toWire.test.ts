import assert from 'node:assert/strict';
import test from 'node:test';
import {toWire} from '../src/lib/toWire.js';
import type {Value} from '../src/types.js';

const wire = (value: Value, name = 'name') => toWire({group: {[name]: value}})[`group.${name}`] as string;

test('groups become flat names', () => {
  assert.deepEqual(toWire({screen: {width: 1}, inp: {'script.url': 'u'}}), {'screen.width': 1, 'inp.script.url': 'u'});
});

test('lists stay as long as they are: what was not measured is null', () => {
  assert.deepEqual(wire([1.23456789, undefined, null, 100.06]), [1.2346, null, null, 100.1]);
  assert.deepEqual(wire(['', 'x'.repeat(5000)], 'hosts')[0 as never], '');
  assert.equal(wire([]), undefined);
});

test('numbers lose the noise of the binary fraction, times what is below a tenth of a millisecond', () => {
  assert.equal(wire(123.40000000037253), 123.4);
  assert.equal(wire(1234.56), 1234.6);
  assert.equal(wire(0.005), 0.005);
  assert.equal(wire(0.12344), 0.1234);
});

test('0 and false are values', () => {
  assert.equal(wire(0), 0);
  assert.equal(wire(false), false);
});

test('numbers that no collector takes are left out', () => {
  for (const number of [-0.1, NaN, Infinity, 1e10]) assert.equal(wire(number), undefined);
});

test('an empty text is no value', () => {
  assert.equal(wire(''), undefined);
});

test('long texts are cut, URLs later than others', () => {
  assert.equal((wire('x'.repeat(5000)) as string).length, 253);
  for (const name of ['url', 'script.url', 'path', 'referrer']) assert.equal((wire('x'.repeat(5000), name) as string).length, 2048);
  assert.equal((wire('x'.repeat(5000), 'referrer_host') as string).length, 253);
});

test('half characters are dropped, whole ones stay', () => {
  assert.equal(wire('a\ud83d'), 'a');
  assert.equal(wire('\u{1f69a} wide'), '\u{1f69a} wide');
  assert.equal(wire('x'.repeat(252) + '\u{1f69a}'), 'x'.repeat(252));
});
