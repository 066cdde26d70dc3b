import {getNavigationEntry} from './getNavigationEntry.js';

/** Returns how far the document was loaded at a moment, in the words of web-vitals. */
export const getLoadState = (time: number): string => {
  if (document.readyState === 'loading') return 'loading';
  const entry = getNavigationEntry();
  const isBefore = (mark: number) => !mark || time < mark;
  return !entry
    ? 'complete'
    : time < entry.domInteractive
      ? 'loading'
      : isBefore(entry.domContentLoadedEventStart)
        ? 'dom-interactive'
        : isBefore(entry.domComplete)
          ? 'dom-content-loaded'
          : 'complete';
};
