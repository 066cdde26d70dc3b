/** The five web vitals: what they are called, where their bands lie, what their parts are, and how a value is rated. */

import type { VitalName } from './types';

export type Rating = 'good' | 'needs-improvement' | 'poor';

export interface Vital {
  short: string;
  name: string;
  unit: 'ms' | '';
  /** Upper ends of good and of needs-improvement. A value on the line is in the better band. https://web.dev/articles/vitals */
  good: number;
  fair: number;
  /** The parts that add up to the value, by field name. */
  parts: { field: string; title: string }[];
  /** Facts that explain the value, by field name. */
  facts: { field: string; title: string }[];
  /** Why a page view may have no value. */
  absent: string;
}

export const RATINGS: readonly Rating[] = ['good', 'needs-improvement', 'poor'];

export const RATING_WORDS: Record<Rating, string> = {
  good: 'good',
  'needs-improvement': 'needs improvement',
  poor: 'poor',
};

/** Below this many samples a percentile is not rated. */
export const RATED_FROM = 10;
/** Below this many samples a percentile is shown in grey. */
export const SURE_FROM = 30;

export const VITALS: Record<VitalName, Vital> = {
  lcp: {
    short: 'LCP',
    name: 'Largest Contentful Paint',
    unit: 'ms',
    good: 2500,
    fair: 4000,
    parts: [
      { field: 'lcp.time_to_first_byte', title: 'First byte' },
      { field: 'lcp.resource_load_delay', title: 'Load delay' },
      { field: 'lcp.resource_load_duration', title: 'Load' },
      { field: 'lcp.element_render_delay', title: 'Render delay' },
    ],
    facts: [
      { field: 'lcp.element', title: 'Element' },
      { field: 'lcp.url', title: 'Resource' },
    ],
    absent: 'The page was hidden or left before it was painted, or the browser does not measure it.',
  },
  inp: {
    short: 'INP',
    name: 'Interaction to Next Paint',
    unit: 'ms',
    good: 200,
    fair: 500,
    parts: [
      { field: 'inp.input_delay', title: 'Input delay' },
      { field: 'inp.processing_duration', title: 'Handlers' },
      { field: 'inp.presentation_delay', title: 'Presentation' },
    ],
    facts: [
      { field: 'inp.interaction_target', title: 'Target' },
      { field: 'inp.interaction_type', title: 'By' },
      { field: 'inp.script.invoker', title: 'Invoker' },
      { field: 'inp.script.url', title: 'Script' },
    ],
    absent: 'Nobody interacted with the page, or the browser does not measure it.',
  },
  cls: {
    short: 'CLS',
    name: 'Cumulative Layout Shift',
    unit: '',
    good: 0.1,
    fair: 0.25,
    parts: [],
    facts: [
      { field: 'cls.largest_shift_target', title: 'What moved' },
      { field: 'cls.largest_shift_value', title: 'Largest shift' },
      { field: 'cls.largest_shift_time', title: 'At' },
      { field: 'cls.load_state', title: 'Load state' },
    ],
    absent: 'The browser does not measure it.',
  },
  fcp: {
    short: 'FCP',
    name: 'First Contentful Paint',
    unit: 'ms',
    good: 1800,
    fair: 3000,
    parts: [
      { field: 'fcp.time_to_first_byte', title: 'First byte' },
      { field: 'fcp.time_since_first_byte', title: 'After first byte' },
    ],
    facts: [{ field: 'fcp.load_state', title: 'Load state' }],
    absent: 'The page was hidden or left before it was painted.',
  },
  ttfb: {
    short: 'TTFB',
    name: 'Time To First Byte',
    unit: 'ms',
    good: 800,
    fair: 1800,
    parts: [
      { field: 'ttfb.waiting_duration', title: 'Waiting' },
      { field: 'ttfb.cache_duration', title: 'Cache' },
      { field: 'ttfb.dns_duration', title: 'DNS' },
      { field: 'ttfb.connection_duration', title: 'Connection' },
      { field: 'ttfb.request_duration', title: 'Request' },
    ],
    facts: [],
    absent: 'The page came from a cache, or the browser does not tell.',
  },
};

export const VITAL_NAMES = Object.keys(VITALS) as VitalName[];

/** Rates an unrounded value: the band comes first, rounding last. */
export function rate(vital: Vital, value: number): Rating {
  if (value <= vital.good) return 'good';
  return value <= vital.fair ? 'needs-improvement' : 'poor';
}

/** True of the key of a 75th percentile, `P75(lcp.value)`: the bands are made for it, so no other value is rated. */
export function isRated(key: string | undefined): boolean {
  return key !== undefined && /^p75\b/i.test(key);
}

export type Confidence = 'none' | 'too-few' | 'few' | 'enough';

/** How much a percentile of so many samples is worth. */
export function confidence(samples: number): Confidence {
  if (samples <= 0) return 'none';
  if (samples < RATED_FROM) return 'too-few';
  return samples < SURE_FROM ? 'few' : 'enough';
}

/** Rates a percentile, or answers null where there is no value or too few samples for it. */
export function rateSampled(vital: Vital, value: number | null, samples: number): Rating | null {
  return value === null || samples < RATED_FROM ? null : rate(vital, value);
}

/** Says why a value should be read with care; empty if there is nothing to say. */
export function describeSamples(samples: number): string {
  const counted = `${samples} ${samples === 1 ? 'sample' : 'samples'}`;
  switch (confidence(samples)) {
    case 'none':
      return 'no samples';
    case 'too-few':
      return `not rated: ${counted}, ${RATED_FROM} are needed`;
    case 'few':
      return `only ${counted}, sure from ${SURE_FROM}`;
    case 'enough':
      return '';
  }
}
