/** A button that opens a small form below itself. Escape and a click elsewhere close it; the focus then returns. */

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** So far from the window's edges, in CSS pixels. */
const EDGE = 8;

interface Props {
  label: ComponentChildren;
  /** What a screen reader says for the button, where the label is not enough. */
  name?: string;
  class?: string;
  pressed?: boolean;
  align?: 'start' | 'end';
  children: (close: () => void) => ComponentChildren;
}

export function Popover({ label, name, class: className, pressed, align = 'start', children }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const form = useRef<HTMLDivElement>(null);
  const id = useId();

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  // Whatever the button's place, the form stays within the window; before the focus moves, so that nothing scrolls for it.
  useLayoutEffect(() => {
    if (!open) return;
    const { left, right } = form.current!.getBoundingClientRect();
    const edge = document.documentElement.clientWidth - EDGE;
    const shift = right > edge ? Math.max(edge - right, EDGE - left) : Math.max(0, EDGE - left);
    form.current!.style.translate = `${shift}px`;
    // At once, not after the next paint: what is typed right after the key that opened the form goes into it.
    root.current?.querySelector<HTMLElement>('.popover input, .popover select')?.focus();
  }, [open]);
  useEffect(() => {
    if (!open) return undefined;
    const onPointerDown = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [open]);

  return (
    <div class="popover-root" ref={root} onKeyDown={(event) => event.key === 'Escape' && open && close()}>
      <button
        type="button"
        ref={button}
        class={className}
        aria-label={name}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-pressed={pressed}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div class="popover" ref={form} id={id} data-align={align}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
