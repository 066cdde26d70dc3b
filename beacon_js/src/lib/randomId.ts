/** Returns 32 random hexadecimal digits. `crypto.randomUUID()` exists in secure contexts only, and plain HTTP pages are measured too. */
export const randomId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => (byte + 256).toString(16).slice(1)).join('');
