/** Reads a chart whose places stand in a row, such as bars: one at a time, by pointer and by the arrow keys. */

import { useRef } from 'preact/hooks';

import { useWidth } from '../ui/useWidth';
import { linear } from './scale';

interface Reading {
  /** How many places there are, and the room beside them, in pixels. */
  count: number;
  margin: { left: number; right: number };
  /** The place that is read. */
  cursor: number | null;
  onCursor: (place: number | null) => void;
  /** Enter was pressed on a place. */
  onEnter?: ((place: number) => void) | undefined;
}

/** Returns what to spread over the element that holds the chart, its width, and what finds the place under a pointer. */
export function useReading({ count, margin, cursor, onCursor, onEnter }: Reading) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const placeAt = (event: MouseEvent) =>
    placeOfPointer(event.clientX - root.current!.getBoundingClientRect().left, { left: margin.left, right: width - margin.right }, count);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onCursor(null);
    if (event.key === 'Enter' && cursor !== null) onEnter?.(cursor);
    const next = placeByKey(event.key, cursor, count);
    if (next === null) return;
    event.preventDefault();
    onCursor(next);
  };
  const reader = {
    ref: root,
    role: 'group' as const,
    tabIndex: 0,
    onPointerMove: (event: PointerEvent) => onCursor(placeAt(event)),
    onPointerLeave: () => onCursor(null),
    onBlur: () => onCursor(null),
    onKeyDown: press,
  };
  return { reader, width, placeAt };
}

/** The place at a distance from the chart's left edge; beyond either end it is the last one there. */
export function placeOfPointer(at: number, { left, right }: { left: number; right: number }, count: number): number {
  return within(Math.floor(linear(left, Math.max(right, left + 1), 0, count)(at)), count);
}

/** Where a key leads; null where it leads nowhere. The first arrow begins at the end that it comes from. */
export function placeByKey(key: string, cursor: number | null, count: number): number | null {
  const next = { ArrowLeft: (cursor ?? count) - 1, ArrowRight: (cursor ?? -1) + 1, Home: 0, End: count - 1 }[key];
  return next === undefined ? null : within(next, count);
}

function within(place: number, count: number): number {
  return Math.max(0, Math.min(count - 1, place));
}
