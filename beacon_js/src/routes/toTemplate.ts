/** Returns the index behind the bracket that closes the one at `open`, skipping what a backslash escapes. */
const findEnd = (pattern: string, open: number): number => {
  let depth = 0;
  for (let index = open; index < pattern.length; index++) {
    if (pattern[index] === '\\') index++;
    else if (pattern[index] === '(') depth++;
    else if (pattern[index] === ')' && !--depth) return index + 1;
  }
  return pattern.length;
};

/** Removes the expressions behind parameters, which may hold slashes: `:path([^/]+)` becomes `:path`. */
const dropExpressions = (pattern: string): string => {
  const found = /:\w+(?=\()/.exec(pattern);
  if (!found) return pattern;
  const open = found.index + found[0].length;
  return pattern.slice(0, open) + dropExpressions(pattern.slice(findEnd(pattern, open)));
};

const toSegment = (segment: string): string =>
  segment
    // Next's intercepting routes: `(.)photo`, `(..)(..)photo`, `(...)photo`.
    // https://nextjs.org/docs/app/api-reference/file-conventions/intercepting-routes
    .replace(/^(\(\.{1,3}\))+/, '')
    // SvelteKit's escapes of characters that a file name can't have: `[x+3a]`.
    // https://svelte.dev/docs/kit/advanced-routing#Encoding
    .replace(/\[[xu]\+([0-9a-f]+)\]/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\[?\[\.\.\.(\w+)(=\w+)?\]\]?/g, ':$1*')
    .replace(/\[?\[(\w+)(=\w+)?\]\]?/g, ':$1')
    .replace(/(:\w+)[+*]/g, '$1*')
    .replace(/(\w)\?$/, '$1');

/**
 * Returns the pattern of a route as a template for `page.route`, the same for the same route in every framework:
 * `/product/[id]`, `/(shop)/product/[id=integer]` and `/product/:id(\\d+)?` are all `/product/:id`.
 * A parameter that takes several segments ends in `*`.
 */
export const toTemplate = (pattern: string): string =>
  '/' +
  dropExpressions(pattern)
    .split('/')
    // Groups are folders that no address shows: `(shop)`.
    .filter((segment) => segment && !/^\([^.)][^)]*\)$/.test(segment))
    .map(toSegment)
    .join('/');
