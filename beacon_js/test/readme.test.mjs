import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import test from 'node:test';
import {readOptions, renderReadme} from '../docs.mjs';
import {blocks, isOfAnApp, readme} from './readme.mjs';

const {scripts} = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));

test('the tables say what the sources say', async () => {
  assert.equal(readme, await renderReadme(readme), 'run `npm run docs`');
});

test('every attribute is an option, and every part and command is there', async () => {
  const attributes = (await readOptions()).map(({attribute}) => attribute);
  const tags = blocks.filter(({language}) => language === 'html').map(({code}) => code);

  assert.equal(attributes.length, 12);
  for (const [name] of tags.join().matchAll(/data-[\w-]+/g)) assert.ok(attributes.includes(name), name);
  assert.match(readme, /`waterfall` \| `@wideload\/beacon\/waterfall`[^]*`wideload\('set', [^]*`wideload\('flush'\)`/);
});

test("the code for frameworks stands in the applications that are built with it", () => {
  const frameworks = blocks.filter(({language, code}) => /^(tsx|svelte)$/.test(language) || /beacon\/(vue|next)'/.test(code));

  assert.equal(frameworks.length, 7);
  for (const block of frameworks) assert.ok(isOfAnApp(block), block.code);
});

test('every command of the README exists', () => {
  const commands = blocks.filter(({language}) => language === 'sh').flatMap(({code}) => code.trim().split('\n'));

  for (const command of commands) {
    const [, name] = command.match(/^npm (?:run )?(\w+)/);
    assert.ok(name in scripts || command === 'npm ci' || command === 'npm install @wideload/beacon', command);
  }
});
