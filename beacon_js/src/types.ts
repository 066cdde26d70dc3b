import type {Interaction} from './signals/interactions.js';
import type {ShiftWindow} from './signals/layoutShift.js';
import type {ScriptSum} from './signals/longFrames.js';
import type {State} from './signals/visibility.js';

/** A value of the wire format; `undefined` was not measured and never leaves the page. */
export type Scalar = string | number | boolean | undefined;

/** A scalar, or one member of a parallel list such as `resources.duration`; in a list, null was not measured. */
export type Value = Scalar | readonly (string | number | boolean | null | undefined)[];

/** Values by name: either whole names of the collector's field dictionary, or what follows a group's prefix. */
export type Fields = Record<string, Value>;

/** Fields by their prefix: `{screen: {width: 1280}}` is `screen.width`. */
export type Groups = Record<string, Fields | undefined>;

/** What a page says about its measurement: the `data-` attributes of the script tag, or the argument of `init()`. */
export interface Options {
  /** The site key. */
  key: string;
  /** Where to send, as a URL or a path on the page's host. */
  endpoint: string;
  /** The application: `service.name`. */
  service?: string;
  /** Its release: `service.version`. */
  release?: string;
  /** Its build: `service.build`. */
  build?: string;
  /** The template of the path of the page that was loaded, such as `/product/:id`: `page.route`. */
  route?: string;
  /** Query parameters whose values may be sent, beside `utm_*`; separated by spaces. */
  query?: string;
  /** Attributes of elements that may be sent as parts of selectors, such as `data-testid`; separated by spaces. */
  attributes?: string;
  /** N: measure one session (without storage: one page load) in N. */
  sampleRate?: number;
  /** Where session, view number and unsent rows may be kept; by default nowhere. */
  storage?: 'session' | 'local';
  /** Send and keep nothing before `wideload('consent', true)`. */
  consent?: 'wait';
  /** What Global Privacy Control and Do Not Track mean: no session and no storage (default), no measurement, or nothing. */
  gpc?: 'session' | 'off' | 'ignore';
}

/** How a view came about: web-vitals' words, and `route-change` where an application changed the address by itself. */
export type NavigationType =
  | 'navigate'
  | 'reload'
  | 'back-forward'
  | 'back-forward-cache'
  | 'prerender'
  | 'restore'
  | 'soft-navigation'
  | 'route-change';

/** One view of a page: a load, a return from the back/forward cache, or a route of an application. */
export interface PageView {
  id: string;
  /** The session, where one may be kept. */
  session?: string;
  /** Where it stands in the session; without one, in the document. */
  place: {number: number; previous_id?: string};
  /** `undefined` for a load, whose type the navigation's entry tells. */
  type?: NavigationType;
  /** When it began, on the clock of `performance.now()`: the zero of its times. 0 for a load. */
  start: number;
  /** Entries from here on belong to it. Later than `start` where an interaction began the view: that one belongs to the page before. */
  from: number;
  /** When the next view began. */
  end?: number;
  /** The interaction that began it. */
  interactionId?: number;
  /** When it began by the visitor's clock, in epoch milliseconds. It is part of the event's identity and never changes. */
  time: number;
  /** Its address when it began. A change of its path is a new view. */
  url: URL;
  /** How often it was handed over. */
  revision: number;
  /** The measurements as they were last handed over, to notice change. */
  sent?: string;
  /** The same of those that are being handed over. */
  pending?: string;
  /** Whether it was handed over when somebody left, with its full age. */
  isLeft?: boolean;
  /** What is known of it as it will be sent. */
  fields: Groups;
  /** What signals keep for it. No nodes, which would stay in memory after the page has removed them. */
  largest?: () => Groups;
  shifts?: ShiftWindow;
  worst?: ShiftWindow['told'];
  /** The longest interactions, longest first, and how many the document had had before. */
  longest: Interaction[];
  interactionsBefore: number;
  /** Functions that ran within long animation frames. */
  scripts?: Record<string, ScriptSum>;
  /** Kinds of errors, by their source and what makes them one. */
  kinds?: Record<string, Record<string, {id: string; occurrences: number}>>;
  /** When it was visible or hidden. */
  states: State[];
  /** The trace of the page's calls. */
  traceId?: string;
}

/** An event as it travels. */
export interface WireEvent extends Fields {
  id: string;
  kind: string;
  time: number;
  revision: number;
}

/** What made a snapshot leave: becomes `beacon.trigger`. */
export type Trigger = 'arm' | 'quiet' | 'hidden' | 'pagehide' | 'route' | 'flush' | 'retry';

/** A part of the beacon that can be left out. */
export type Part = () => void;

/** The commands of `wideload(command, …)`. */
export interface Wideload {
  /** Adds fields of your own to this view's row, and to those of later views of this document; null takes one back. */
  (command: 'set', fields: Record<string, string | number | boolean | null>): void;
  /** Sends an event of its own, `kind=event`, with this name as `event.name`. */
  (command: 'event', name: string, fields?: Record<string, string | number | boolean>): void;
  /** Notes a moment: `mark.NAME`, in milliseconds since the view began. `time` is on the clock of `performance.now()`. */
  (command: 'mark', name: string, time?: number): void;
  /** Reports an error that the application caught. */
  (command: 'error', error: unknown, fields?: Record<string, string | number | boolean>): void;
  /** Names the route of the address that the page has now, such as `/product/:id`. */
  (command: 'route', template: string): void;
  /** Grants or withdraws consent; a withdrawal drops everything that was not sent. */
  (command: 'consent', granted: boolean): void;
  /** Sends now what there is. */
  (command: 'flush'): void;
}

/** A navigation's timing, with what TypeScript's library does not know yet. */
export type NavigationEntry = PerformanceNavigationTiming & {
  /** Chromium. https://www.w3.org/TR/navigation-timing-2/#dom-performancenavigationtiming-confidence */
  confidence?: {value: string};
  /** Chromium. https://html.spec.whatwg.org/multipage/nav-history-apis.html#notrestoredreasons */
  notRestoredReasons?: BlockedFrame | null;
};

/** A frame and why it kept the page out of the back/forward cache. */
export interface BlockedFrame {
  reasons?: {reason: string}[] | null;
  children?: BlockedFrame[] | null;
}

/** https://github.com/WICG/soft-navigations */
export interface SoftNavigationEntry extends PerformanceEntry {
  interactionId?: number;
  presentationTime?: number;
  paintTime?: number;
  getLargestInteractionContentfulPaint?(): InteractionPaintEntry | null;
}

/** A paint that an interaction caused. */
export interface InteractionPaintEntry extends PerformanceEntry {
  interactionId?: number;
  largestContentfulPaint?: PaintEntry;
}

/** https://w3c.github.io/largest-contentful-paint/ */
export interface PaintEntry extends PerformanceEntry {
  element: Element | null;
  id: string;
  url: string;
  size: number;
  renderTime: number;
}

/** https://wicg.github.io/layout-instability/ */
export interface ShiftEntry extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources?: {node: Node | null}[];
}

/** https://w3c.github.io/event-timing/ */
export interface EventEntry extends PerformanceEntry {
  processingStart: number;
  processingEnd: number;
  interactionId?: number;
  target: Node | null;
  targetSelector?: string;
}

/** https://w3c.github.io/long-animation-frames/ */
export interface FrameEntry extends PerformanceEntry {
  blockingDuration: number;
  styleAndLayoutStart: number;
  scripts: ScriptEntry[];
}

/** A script that ran within a long animation frame. */
export interface ScriptEntry extends PerformanceEntry {
  invoker: string;
  invokerType: string;
  sourceURL: string;
  sourceFunctionName: string;
  forcedStyleAndLayoutDuration: number;
}
