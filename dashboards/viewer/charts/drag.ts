/** Tells a drag over a chart from a click whose pointer slipped. */

import { useRef } from 'preact/hooks';

/** CSS pixels. */
const SLIP = 6;

/** Returns what to call where a pointer goes down, and whether one that goes up has dragged since. */
export function useDrag(): { begin: (event: PointerEvent) => void; hasDragged: (event: PointerEvent) => boolean } {
  const start = useRef({ x: 0, y: 0 });
  return {
    begin: (event) => {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      start.current = { x: event.clientX, y: event.clientY };
    },
    hasDragged: (event) => Math.hypot(event.clientX - start.current.x, event.clientY - start.current.y) >= SLIP,
  };
}
