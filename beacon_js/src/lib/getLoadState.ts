import {getNavigationEntry} from './getNavigationEntry.js';

/** Returns how far the document was loaded at a moment, in the words of web-vitals; undefined where the browser can't tell. */
export const getLoadState = (time: number): string | undefined => {
  const entry = getNavigationEntry();
  // A mark of 0 is still to come.
  const isBefore = (mark: number) => !mark || time < mark;
  return (
    entry &&
    (isBefore(entry.domInteractive)
      ? 'loading'
      : isBefore(entry.domContentLoadedEventStart)
        ? 'dom-interactive'
        : isBefore(entry.domComplete)
          ? 'dom-content-loaded'
          : 'complete')
  );
};
