/** Returns what a meta tag of the page says. */
export const getMeta = (name: string): string | undefined =>
  document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content;
