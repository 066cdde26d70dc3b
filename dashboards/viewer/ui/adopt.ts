/** Gives the styles of a part that came later to the page; a style sheet made by script is none that the page's policy is about. */
export function adopt(css: string): void {
  // Where views are drawn as texts there is no page.
  if (typeof CSSStyleSheet === 'undefined') return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
