import assert from 'node:assert/strict';
import test from 'node:test';
import {bundle, compress, minifyLoader} from '../bundle.mjs';

// What a phone on a slow network loads before the page's own script may run. Raising it needs a reason.
const MAX_BROTLI_BYTES = {'src/index.ts': 7168, 'src/full.ts': 8980};
// It stands in every page, before anything else can happen.
const MAX_LOADER_BYTES = 300;

test('the scripts are small', async () => {
  for (const [entry, limit] of Object.entries(MAX_BROTLI_BYTES)) {
    const {script} = await bundle(entry);

    const {brotli} = compress(script);

    assert.ok(brotli.length <= limit, `${entry}: ${brotli.length} bytes`);
  }
});

test('the script leaves no name behind and carries its version', async () => {
  const {script, version} = await bundle();
  const text = String(script);

  assert.ok(text.startsWith('"use strict";(()=>{') && text.endsWith('})();'), 'is one function');
  assert.ok(text.includes(`"${version}"`));
});

test('the inline loader is small and can stand in a page', async () => {
  const code = await minifyLoader();

  assert.ok(code.length <= MAX_LOADER_BYTES, `${code.length} bytes`);
  assert.doesNotMatch(code, /<[/!]/, 'would end or comment out its script element');
});
