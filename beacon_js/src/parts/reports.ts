import {guard} from '../lib/guard.js';
import {getPlace, noteFailure} from '../signals/errors.js';
import type {Part} from '../types.js';

/** What the Reporting API tells. https://www.w3.org/TR/reporting-1/#reporting-observer */
interface Report {
  type: string;
  body: {id?: string; message?: string; reason?: string; sourceFile?: string; lineNumber?: number; columnNumber?: number};
}

declare const ReportingObserver: new (callback: (reports: Report[]) => void, options: {buffered: boolean}) => {observe(): void};

/** Tells what the browser reports to the page: deprecations, interventions, and whatever it will come to report. */
export const reports = (): Part => () => {
  if (!('ReportingObserver' in window)) return;
  const note = guard((list: Report[]) => {
    for (const {type, body} of list) {
      // Those have an event of their own, in every browser.
      if (type !== 'csp-violation') noteFailure(type, 'report_count', {type: body.id ?? body.reason, message: body.message}, getPlace(body));
    }
  });
  new ReportingObserver(note, {buffered: true}).observe();
};
