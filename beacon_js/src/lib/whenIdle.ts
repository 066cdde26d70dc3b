/** Calls back when the page has nothing better to do, after two seconds at the latest. Safari has no `requestIdleCallback`. */
export const whenIdle = (callback: () => void): void => {
  ((window.requestIdleCallback ?? setTimeout) as typeof requestIdleCallback)(callback, {timeout: 2000});
};
