import {getFirstHidden} from '../lib/firstHidden.js';
import {getActivationStart, getResponseStart} from '../lib/getNavigationEntry.js';
import {getSelector} from '../lib/getSelector.js';
import {stripUrl} from '../lib/stripUrl.js';
import {read} from '../rows.js';
import {on} from '../timeline.js';
import type {Fields, InteractionPaintEntry, PageView, PaintEntry, SoftNavigationEntry} from '../types.js';
import {getView} from '../views.js';

/** Returns the resource that was painted: the last one of its address, unless that was asked for after the paint. */
const findResource = (url: string, startTime: number): PerformanceResourceTiming | undefined =>
  (performance.getEntriesByName(url, 'resource') as PerformanceResourceTiming[])
    .filter((entry) => (entry.requestStart || entry.startTime) <= startTime)
    .pop();

const readParts = (view: PageView, value: number, resource?: PerformanceResourceTiming): Fields | false => {
  const zero = view.type ? view.start : getActivationStart();
  const responseStart = view.type ? zero : getResponseStart();
  const since = (time = 0) => Math.max(0, time - zero);
  const firstByte = since(responseStart);
  // Without permission of the host, only the start is told. https://www.w3.org/TR/resource-timing/#sec-cross-origin-resources
  const request = Math.max(firstByte, since(resource && (resource.requestStart || resource.startTime)));
  // A video goes on to load after its first frame was painted.
  const response = Math.min(value, Math.max(request, since(resource?.responseEnd)));
  return (
    responseStart > 0 && {
      time_to_first_byte: firstByte,
      resource_load_delay: request - firstByte,
      resource_load_duration: response - request,
      element_render_delay: value - response,
    }
  );
};

/** Tells Largest Contentful Paint with its parts, element and resource. */
export const startLargestPaint = (): void => {
  const note = (entry: PaintEntry, time: number, zero: number): void => {
    if (time >= getFirstHidden()) return;
    const view = getView();
    const value = Math.max(0, time - zero);
    const {url, startTime, id, size} = entry;
    const element = entry.element as HTMLImageElement | null;
    const lcp = {
      value,
      // A removed element is not told, its id is.
      element: getSelector(element) ?? (id ? '#' + id : undefined),
      url: url && stripUrl(url),
      size,
      loading: element?.loading,
      fetch_priority: element?.fetchPriority,
    };
    // The browser may come to tell of the resource after it was painted.
    view.largest = () => ({lcp: {...lcp, ...readParts(view, value, findResource(url, startTime))}});
  };
  const noteInteraction = (entry?: InteractionPaintEntry | null): void => {
    const {interactionId, start} = getView();
    const largest = entry?.largestContentfulPaint;
    if (largest && interactionId && (entry.interactionId ?? interactionId) === interactionId) note(largest, largest.renderTime, start);
  };

  on('largest-contentful-paint', (entry: PaintEntry) => note(entry, entry.startTime, getActivationStart()));
  on('soft-navigation', (entry: SoftNavigationEntry) => noteInteraction(entry.getLargestInteractionContentfulPaint?.()));
  on('interaction-contentful-paint', noteInteraction);
  read((view) => view.largest?.() ?? {});
};
