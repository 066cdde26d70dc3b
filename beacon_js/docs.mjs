// Writes the README's tables from the sources that they describe: `npm run docs`. A test holds them up to date.
import {readFile, readdir, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const read = (relative) => readFile(path(relative), 'utf8');

/** Returns a comment's first paragraph as one line. */
const toLine = (comment) => comment.replace(/\n\s*\*\s*\n[^]*/, '').replace(/\s*\n\s*\*\s*/g, ' ').trim();

const toAttribute = (name) => 'data-' + name.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase());

const toRow = (cells) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
const toTable = (heads, rows) => [toRow(heads), '|' + '---|'.repeat(heads.length), ...rows.map(toRow)].join('\n');

const getInterface = (source, name) => source.match(new RegExp(`export interface ${name} \\{\n([^]*?)\n\\}`))[1];

/** Returns the options: name, whether it can be left out, type, meaning. */
export const readOptions = async () =>
  [...getInterface(await read('src/types.ts'), 'Options').matchAll(/\/\*\*([^]*?)\*\/\s*(\w+)(\??): ([^;]+);/g)].map(
    ([, comment, name, mark, type]) => ({name, attribute: toAttribute(name), isOptional: !!mark, type, meaning: toLine(comment)}),
  );

const writeOptions = async () =>
  toTable(
    ['option', 'attribute', 'type', 'meaning'],
    (await readOptions()).map(({name, attribute, isOptional, type, meaning}) => [
      `\`${name}\``,
      `\`${attribute}\``,
      `\`${type}\`${isOptional ? '' : ', needed'}`,
      meaning,
    ]),
  );

const writeCommands = async () => {
  const source = getInterface(await read('src/types.ts'), 'Wideload');
  const commands = source.matchAll(/\/\*\*([^]*?)\*\/\s*\(command: ([^)]*)\): void;/g);
  return toTable(
    ['command', 'does'],
    [...commands].map(([, comment, parameters]) => [`\`wideload(${parameters})\``, toLine(comment)]),
  );
};

const writeParts = async () => {
  const {exports} = JSON.parse(await read('package.json'));
  const rows = [];
  for (const file of (await readdir(path('src/parts'))).sort()) {
    const name = file.replace('.ts', '');
    const source = await read('src/parts/' + file);
    const [, comment] = source.match(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*export const ${name} =`));
    const [entry] = Object.entries(exports).find(([, {default: module}]) => module === `./dist/parts/${name}.js`);
    rows.push([`\`${name}\``, `\`@wideload/beacon${entry.slice(1)}\``, toLine(comment)]);
  }
  return toTable(['part', 'from', 'does'], rows);
};

/** Returns a README with its tables as the sources say, each between two marks. */
export const renderReadme = async (readme) => {
  for (const [name, write] of Object.entries({options: writeOptions, parts: writeParts, commands: writeCommands})) {
    const table = await write();
    readme = readme.replace(new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`), (_, start, end) => `${start}${table}\n${end}`);
  }
  return readme;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(path('README.md'), await renderReadme(await read('README.md')));
}
