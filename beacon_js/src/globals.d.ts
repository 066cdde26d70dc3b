// What the build puts in, and what TypeScript's library does not know yet. Not in types.ts: the package publishes that, and
// declares nothing for the projects that use it.

/** The version in package.json, put in by the build. */
declare const VERSION: string;

/** https://tc39.es/proposal-temporal/ */
declare var Temporal: {Now: {timeZoneId(): string}} | undefined;

/** https://wicg.github.io/pending-beacon/ */
declare var fetchLater: ((url: string, init: RequestInit & {activateAfter?: number}) => {readonly activated: boolean}) | undefined;

interface Navigator {
  /** Chromium. https://wicg.github.io/netinfo/ */
  readonly connection?: {effectiveType?: string; type?: string; rtt?: number; downlink?: number; saveData?: boolean};
  /** Chromium, in secure contexts. https://www.w3.org/TR/device-memory/ */
  readonly deviceMemory?: number;
  /** Chromium. https://github.com/WICG/cpu-performance */
  readonly cpuPerformance?: number;
  /** https://w3c.github.io/gpc/ */
  readonly globalPrivacyControl?: boolean;
}

interface Document {
  /** https://wicg.github.io/nav-speculation/prerendering.html#document-prerendering */
  prerendering?: boolean;
  /** https://wicg.github.io/page-lifecycle/#dom-document-wasdiscarded */
  wasDiscarded?: boolean;
}

interface PerformanceNavigationTiming {
  /** https://wicg.github.io/nav-speculation/prerendering.html#performance-navigation-timing-extension */
  activationStart?: number;
}

interface Performance {
  /** https://w3c.github.io/event-timing/#dom-performance-interactioncount */
  readonly interactionCount: number;
}

interface Window {
  /** The commands; before the beacon has come, a stub that keeps what it was called with in `q`. */
  wideload?: import('./types.js').Wideload & {q?: unknown[][]};
}
