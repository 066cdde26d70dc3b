import assert from 'node:assert/strict';
import test from 'node:test';
import {bundle, compress} from '../bundle.mjs';

// What a phone on a slow network loads before the page's own script may run. Raising it needs a reason.
const MAX_BROTLI_BYTES = 6900;

test('the script is small', async () => {
  const {script} = await bundle();

  const {brotli} = compress(script);

  assert.ok(brotli.length <= MAX_BROTLI_BYTES, `${brotli.length} bytes`);
});

test('the script leaves no name behind and carries its version', async () => {
  const {script, version} = await bundle();
  const text = String(script);

  assert.ok(text.startsWith('"use strict";(()=>{') && text.endsWith('})();'), 'is one function');
  assert.ok(text.includes(`"${version}"`));
});
