import {guard} from './lib/guard.js';

/** Handles one entry of the browser's performance timeline. */
export type EntryHandler = (entry: never) => void;

// What web-vitals asks for: shorter events can't be anybody's worst interaction, and the first one is reported in any case.
const DURATION_THRESHOLD = 40;

const handlers: Record<string, EntryHandler[]> = {};
const watched: string[] = [];
let observer: PerformanceObserver | undefined;
let onEntries: () => void;

/** Says whether this browser can report a type of entries. Firefox can be set to have no observer at all. */
export const isSupported = (type: string): boolean => !!window.PerformanceObserver?.supportedEntryTypes?.includes(type);

/** Adds a handler of a type. */
export const on = (type: string, handler: EntryHandler): void => {
  (handlers[type] ??= []).push(handler);
};

const handle = (entries: PerformanceEntry[]): void => {
  // Types arrive apart from each other, and what a handler does with one may depend on what happened before.
  entries.sort((a, b) => a.startTime + a.duration - b.startTime - b.duration);
  for (const entry of entries) for (const handler of handlers[entry.entryType]) guard(handler)(entry as never);
  if (entries.length) onEntries();
};

/** Begins with a type: entries that were buffered come first. One observer serves all, because each costs a callback. */
export const watch = guard((type: string) => {
  if (!isSupported(type) || watched.includes(type)) return;
  watched.push(type);
  observer ??= new PerformanceObserver((list) => handle(list.getEntries()));
  observer.observe({type, buffered: true, durationThreshold: DURATION_THRESHOLD} as PerformanceObserverInit);
});

/** Begins with all types that have a handler. */
export const watchAll = (): void => Object.keys(handlers).forEach(watch);

/** Handles what the browser has ready and has not delivered yet. */
export const collect = (): void => {
  if (observer) handle(observer.takeRecords());
};

/** Sets what is called when entries were handled. */
export const whenHandled = (callback: () => void): void => {
  onEntries = callback;
};
