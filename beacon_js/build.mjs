// Builds the beacon into collector/static/beacon/, ready to be served: the script, its compressed twins, and a manifest with
// what a page needs to pin it (the content hash for an immutable URL, the digest for Subresource Integrity).
import {createHash} from 'node:crypto';
import {mkdir, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {bundle, compress} from './bundle.mjs';

const output = new URL('../collector/static/beacon/', import.meta.url);

const {script, version} = await bundle();
const {brotli, gzip} = compress(script);

const manifest = {
  file: 'beacon.js',
  hash: createHash('sha256').update(script).digest('hex').slice(0, 16),
  integrity: 'sha384-' + createHash('sha384').update(script).digest('base64'),
  bytes: script.length,
  brotli_bytes: brotli.length,
  version,
};

await mkdir(output, {recursive: true});
await Promise.all([
  writeFile(new URL('beacon.js', output), script),
  writeFile(new URL('beacon.js.br', output), brotli),
  writeFile(new URL('beacon.js.gz', output), gzip),
  writeFile(new URL('manifest.json', output), JSON.stringify(manifest, null, 2) + '\n'),
]);
console.log(`${fileURLToPath(output)}beacon.js ${script.length} B, brotli ${brotli.length} B, gzip ${gzip.length} B`);
