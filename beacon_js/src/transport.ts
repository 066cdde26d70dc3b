
/**
 * Sends a body, also while the page is being left. A string travels as `text/plain`, which needs no preflight, and there is
 * no time for one. https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
export const send = (endpoint: string, body: string): void => {
  // False when the browser's queue for such requests (64 KiB) is full. Some content blockers remove the function.
  if (navigator.sendBeacon?.(endpoint, body)) return;
  fetch(endpoint, {method: 'POST', body, keepalive: true, credentials: 'omit'})
    // An answer that nobody reads keeps its bytes counted against that queue in Chromium.
    .then((response) => response.text())
    .catch(() => {});
};
