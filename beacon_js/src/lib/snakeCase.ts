/** Returns `domainLookupStart` as `domain_lookup_start`: the platform's names become the field dictionary's. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]+(?![a-z])|[A-Z]/g, (letters) => '_' + letters.toLowerCase());
