import {on} from '../timeline.js';
import {getView, getViewOf} from '../views.js';
import type {PageView} from '../types.js';

const MAX_ENTRIES = 20;

/** https://wicg.github.io/element-timing/ */
interface ElementEntry extends PerformanceEntry {
  identifier: string;
}

const note = (kind: string, name: string, time: number, view: PageView): void => {
  const fields = (view.fields[kind] ??= {});
  if (name in fields || Object.keys(fields).length < MAX_ENTRIES) fields[name] = time;
};

/** Notes a moment: `mark.NAME`. Not on the browser's timeline, which belongs to the page. */
export const noteMark = (name: string, time = performance.now()): void => note('mark', name, time - getView().start, getView());

/** Tells the page's own marks, measures and timed elements: `mark.NAME`, `measure.NAME`, `element.NAME`. */
export const startUserTiming = (): void => {
  const add = (kind: string, entry: PerformanceEntry, name: string, time?: number) => {
    const view = getViewOf(entry);
    note(kind, name, time ?? entry.startTime - view.start, view);
  };
  on('mark', (entry: PerformanceEntry) => add('mark', entry, entry.name));
  on('measure', (entry: PerformanceEntry) => add('measure', entry, entry.name, entry.duration));
  on('element', (entry: ElementEntry) => add('element', entry, entry.identifier));
};
