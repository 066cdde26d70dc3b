import {getActivationStart, getResponseStart} from '../lib/getNavigationEntry.js';
import {getSelector} from '../lib/getSelector.js';
import {read} from '../rows.js';
import {on} from '../timeline.js';
import type {InteractionPaintEntry, PaintEntry, SoftNavigationEntry} from '../types.js';
import {getView} from '../views.js';
import {wasHidden} from './visibility.js';

/** Tells Largest Contentful Paint with its parts, element and resource. */
export const startLargestPaint = (): void => {
  const note = (entry: PaintEntry, time: number, zero: number, responseStart: number): void => {
    if (wasHidden(time)) return;
    const since = (at = 0) => Math.max(0, at - zero);
    const {url, startTime, id, size} = entry;
    const element = entry.element as HTMLImageElement | null;
    const value = since(time);
    const lcp = {
      value,
      // A removed element is not told, its id is.
      element: getSelector(element) ?? (id ? '#' + id : undefined),
      url,
      size,
      loading: element?.loading,
      fetch_priority: element?.fetchPriority,
    };
    // The browser may come to tell of the resource after it was painted.
    getView().largest = () => {
      const getRequest = (resource: PerformanceResourceTiming) => resource.requestStart || resource.startTime;
      // The last one of its address, unless that was asked for after the paint.
      const resource = (performance.getEntriesByName(url, 'resource') as PerformanceResourceTiming[])
        .filter((known) => getRequest(known) <= startTime)
        .pop();
      const firstByte = since(responseStart);
      // Without permission of the host, only the start is told. https://www.w3.org/TR/resource-timing/#sec-cross-origin-resources
      const request = Math.max(firstByte, since(resource && getRequest(resource)));
      // A video goes on to load after its first frame was painted.
      const response = Math.min(value, Math.max(request, since(resource?.responseEnd)));
      const parts = {
        time_to_first_byte: firstByte,
        resource_load_delay: request - firstByte,
        resource_load_duration: response - request,
        element_render_delay: value - response,
      };
      return {lcp: {...lcp, ...(responseStart && parts)}};
    };
  };
  const noteInteraction = (entry?: InteractionPaintEntry | null): void => {
    const {interactionId, start} = getView();
    const largest = entry?.largestContentfulPaint;
    if (largest && interactionId && (entry.interactionId ?? interactionId) === interactionId) note(largest, largest.renderTime, start, start);
  };

  on('largest-contentful-paint', (entry: PaintEntry) => note(entry, entry.startTime, getActivationStart(), getResponseStart()));
  on('soft-navigation', (entry: SoftNavigationEntry) => noteInteraction(entry.getLargestInteractionContentfulPaint?.()));
  on('interaction-contentful-paint', noteInteraction);
  read((view) => view.largest?.() ?? {});
};
