import {stripUrl} from './stripUrl.js';

/**
 * Returns the invoker of a script without queries. The Long Animation Frames specification builds it from URLs in two cases:
 * a script's own run is named by its URL, and a listener on an element without an id by the element's `src`, as in
 * `IMG[src=/a.png?token=1].onload`. https://w3c.github.io/long-animation-frames/#script-timing-info-invoker-name
 */
export const stripInvoker = (invoker: string): string =>
  /^[a-z-]+:/.test(invoker)
    ? stripUrl(invoker)
    : invoker.replace(/\[src=(.*)\]/s, (_, src: string) => `[src=${stripUrl(src)}]`);
