/**
 * Returns a random UUID (version 4). `crypto.randomUUID()` exists in secure contexts only, and plain HTTP pages are measured
 * too. So the digits 1, 0 and 8 of a template are mixed with random bits; the 4 is the version, and `>> 2` keeps the upper
 * two bits of the 8, the variant. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4
 */
export const uuid = (): string =>
  '00000000-0000-4000-8000-000000000000'.replace(/[08]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16),
  );
