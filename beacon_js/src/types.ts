/** A value of the wire format; `undefined` was not measured and never leaves the page. */
export type Value = string | number | boolean | undefined;

/** Values by name: either whole names of `collector/fields.py`, or what follows a group's prefix. */
export type Fields = Record<string, Value>;

/** Fields by their prefix: `{screen: {width: 1280}}` is `screen.width`. */
export type Groups = Record<string, Fields>;

/** What the script tag says, from its `data-` attributes. */
export interface Config {
  /** Where to send, as an absolute URL. */
  endpoint: string;
  /** `data-service`: becomes `service.name`. */
  service?: string;
  /** `data-release`: becomes `service.version`. */
  release?: string;
  /** `data-route`: becomes `page.route`. */
  route?: string;
}

/** One view of a page: a load, or its return from the back/forward cache. */
export interface PageView {
  id: string;
  /** When it began, on the clock of `performance.now()`; 0 for a load. */
  start: number;
  /** How often it was sent. */
  revision: number;
  /** What `page.ts` read when it began. */
  page: Groups;
  /** What web-vitals has reported, by metric; a new report replaces all fields of its metric. */
  vitals: Groups;
  /** The measurements as they were last sent, to notice change. */
  sent?: string;
}

/** What made a snapshot leave: becomes `beacon.trigger`. */
export type Trigger = 'hidden' | 'pagehide';

/** A navigation's timing, with what TypeScript's library does not know yet. */
export type NavigationEntry = PerformanceNavigationTiming & {
  /** Chromium. https://www.w3.org/TR/navigation-timing-2/#dom-performancenavigationtiming-confidence */
  confidence?: {value: string};
};

declare global {
  /** The version in package.json, put in by bundle.mjs. */
  const VERSION: string;

  /** https://tc39.es/proposal-temporal/ */
  var Temporal: {Now: {timeZoneId(): string}};

  interface Navigator {
    /** Chromium. https://wicg.github.io/netinfo/ */
    readonly connection?: object;
    /** Chromium, in secure contexts. https://www.w3.org/TR/device-memory/ */
    readonly deviceMemory?: number;
  }
}
