/** Calls back when the page has loaded and has nothing better to do. Safari has no `requestIdleCallback`. */
export const whenIdleAfterLoad = (callback: () => void): void => {
  const idle = () => (window.requestIdleCallback ?? setTimeout)(callback);
  if (document.readyState === 'complete') idle();
  else addEventListener('load', idle, {once: true});
};
