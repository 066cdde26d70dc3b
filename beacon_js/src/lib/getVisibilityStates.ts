/**
 * Returns the page's visibility since it began: entries named `visible` or `hidden`. Chromium only; elsewhere it is empty.
 * https://www.w3.org/TR/page-visibility-2/#sec-visibilitystateentry
 */
export const getVisibilityStates = (): PerformanceEntry[] => performance.getEntriesByType('visibility-state');
