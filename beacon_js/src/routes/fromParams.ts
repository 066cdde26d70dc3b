/** The parameters of a route by name, in the order of the path; several segments as a list or with slashes. */
export type RouteParams = Readonly<Record<string, string | readonly string[] | undefined>>;

// What a router hands over may be encoded or not.
const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/**
 * Returns the template of a path for routers that tell the values of the parameters and not the pattern:
 * `/product/1` with `{id: '1'}` is `/product/:id`.
 *
 * Where a value stands in the path more than once, its last place counts, before that of the parameter behind it: an id
 * comes after the word for what it names, so `/product/product` with `{id: 'product'}` is `/product/:id`.
 */
export const fromParams = (path: string, params: RouteParams): string => {
  const segments = path.split('/').filter(Boolean);
  const decoded = segments.map(decode);
  let end = segments.length;
  for (const [name, value] of Object.entries(params).reverse()) {
    if (value === undefined) continue;
    const values = (typeof value === 'string' ? value.split('/') : [...value]).map(decode);
    let start = end - values.length;
    while (start >= 0 && !values.every((part, index) => decoded[start + index] === part)) start--;
    if (start < 0) continue;
    segments.splice(start, values.length, typeof value === 'string' && values.length === 1 ? ':' + name : `:${name}*`);
    end = start;
  }
  return '/' + segments.join('/');
};
