import assert from 'node:assert/strict';
import test from 'node:test';
import {mask} from '../src/lib/mask.js';
// The collector's tests read them too: what it masks again must not differ.
import samples from './mask.samples.json' with {type: 'json'};

for (const [text, masked] of samples) {
  test(`${JSON.stringify(text)} is sent as ${JSON.stringify(masked)}`, () => {
    assert.equal(mask(text!), masked);
  });
}
