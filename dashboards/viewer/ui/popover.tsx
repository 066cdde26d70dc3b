/** A button that opens a small form below itself. Escape and a click elsewhere close it; the focus then returns. */

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

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
  const id = useId();

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!open) return undefined;
    root.current?.querySelector<HTMLElement>('.popover input, .popover select')?.focus();
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
        <div class="popover" id={id} data-align={align}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
