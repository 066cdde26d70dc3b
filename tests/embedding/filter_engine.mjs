// Asks uBlock Origin's own engine, with every list that it ships, which requests it would block.
// Arguments: the extension's folder, and a JSON list of {url, originURL, type}. Prints a JSON list: the filter, or null.
import {readFileSync} from 'node:fs';
import {domainToASCII, pathToFileURL} from 'node:url';

const [folder, requests] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${folder}/${path}`));
const read = (path) => readFileSync(`${folder}/assets/${path}`, 'utf8');
const LISTS = [
  'thirdparties/easylist/easylist.txt',
  'thirdparties/easylist/easyprivacy.txt',
  ...['filters', 'privacy', 'badware', 'quick-fixes', 'unbreak'].map((name) => `ublock/${name}.min.txt`),
];

const {default: engine} = await load('js/static-net-filtering.js');
const {FilteringContext} = await load('js/filtering-context.js');
const {CompiledListReader, CompiledListWriter} = await load('js/static-filtering-io.js');
const {AstFilterParser} = await load('js/static-filtering-parser.js');
const {default: suffixes} = await load('lib/publicsuffixlist/publicsuffixlist.js');

suffixes.parse(read('thirdparties/publicsuffix.org/list/effective_tld_names.dat'), domainToASCII);
const compiler = engine.createCompiler();
const parser = new AstFilterParser({maxTokenLength: engine.MAX_TOKEN_LENGTH});
for (const list of LISTS) {
  const writer = new CompiledListWriter();
  for (const line of read(list).split('\n')) {
    parser.parse(line);
    if (parser.isFilter() && parser.isNetworkFilter()) compiler.compile(parser, writer);
  }
  engine.fromCompiled(new CompiledListReader(writer.toString()));
}
engine.freeze();

const context = new FilteringContext();
const verdicts = JSON.parse(requests).map((request) => {
  // 1 is blocked, 2 is let through by an exception, 0 is not known.
  return engine.matchRequest(context.fromDetails(request)) === 1 ? engine.toLogData().raw : null;
});
console.log(JSON.stringify(verdicts));
