import {options, words} from '../options.js';

// As long as web-vitals' selectors, whose rules these are, so that both tools name the same element alike.
const MAX_LENGTH = 100;

/**
 * Returns a short selector: tag and classes from the nearest element with an id, or with an attribute that the page has named,
 * down. It reads no text and no other attribute, and keeps no reference to the node.
 */
export const getSelector = (node: Node | null | undefined): string | undefined => {
  let selector = '';
  // Up to the document.
  while (node && node.nodeType !== 9) {
    const {id, classList = []} = node as Element;
    const named = words(options.attributes).find((name) => (node as Element).getAttribute?.(name));
    const unique = named ? `[${named}=${(node as Element).getAttribute(named)}]` : id && '#' + id;
    // A text is `TEXT`, and the end of a shadow root a `DOCUMENT-FRAGMENT`.
    const name = node.nodeType === 1 ? node.nodeName.toLowerCase() : node.nodeName.slice(1).toUpperCase();
    const part = unique || [name, ...[...classList].sort()].join('.');
    if (selector.length + part.length >= MAX_LENGTH) return selector || part;
    selector = part + (selector && '>' + selector);
    node = unique ? null : node.parentNode;
  }
  return selector || undefined;
};
