import type {INPLongestScriptSummary, MetricWithAttribution} from 'web-vitals/attribution';
import {onCLS} from 'web-vitals/attribution/onCLS.js';
import {onFCP} from 'web-vitals/attribution/onFCP.js';
import {onINP} from 'web-vitals/attribution/onINP.js';
import {onLCP} from 'web-vitals/attribution/onLCP.js';
import {onTTFB} from 'web-vitals/attribution/onTTFB.js';
import {guard} from '../lib/guard.js';
import {snakeCase} from '../lib/pick.js';
import {stripInvoker} from '../lib/stripInvoker.js';
import {stripUrl} from '../lib/stripUrl.js';
import type {Fields} from '../types.js';

// Where the field dictionary's word is not web-vitals' in snake case.
const NAMES: Record<string, string> = {firstByteToFCP: 'time_since_first_byte', target: 'element'};

const readScript = ({entry, subpart, intersectingDuration}: INPLongestScriptSummary): Fields => ({
  'script.url': stripUrl(entry.sourceURL),
  'script.function': entry.sourceFunctionName,
  'script.invoker': stripInvoker(entry.invoker),
  'script.duration': intersectingDuration,
  'script.subpart': subpart,
});

/**
 * Returns the fields of a metric: its value and the texts and numbers of its attribution, never its entries and elements,
 * which would keep removed parts of the page in memory.
 */
export const readVital = (metric: MetricWithAttribution): Fields => {
  const attribution = metric.attribution as unknown as Record<string, unknown>;
  // Without an entry to explain, as after a return from the back/forward cache, the numbers are placeholders: 0, or the
  // metric's value. FCP, LCP and TTFB need the navigation's entry for them as well.
  const isExplained = metric.entries.length && (attribution.navigationEntry || /INP|CLS/.test(metric.name));

  const fields: Fields = {value: metric.value};
  for (const key in attribution) {
    const value = attribution[key];
    if (typeof value === 'string' || (typeof value === 'number' && isExplained)) {
      fields[NAMES[key] ?? snakeCase(key)] = key === 'url' ? stripUrl(value as string) : value;
    }
  }
  const script = attribution.longestScript as INPLongestScriptSummary | undefined;
  return script ? Object.assign(fields, readScript(script)) : fields;
};

/** Calls back with a metric's lower-case name and all its fields whenever it changes. */
export const observeVitals = (report: (metric: string, fields: Fields) => void): void => {
  // web-vitals uses findLast() and at() in its observers; where they are missing (Chrome before 97, Safari before 15.4) it
  // would throw into the page.
  if (!('findLast' in [])) return;
  const onReport = guard((metric: MetricWithAttribution) => report(metric.name.toLowerCase(), readVital(metric)));
  // Every change, because a snapshot may be taken at any time, and because web-vitals 6.2.3 otherwise loses an interaction
  // right before the page is hidden: it makes its last report first and processes the waiting entries then.
  for (const onMetric of [onCLS, onFCP, onINP, onLCP, onTTFB]) onMetric(onReport, {reportAllChanges: true});
};
