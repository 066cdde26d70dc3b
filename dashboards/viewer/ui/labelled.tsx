/** A control of a form with its label above it. */

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export function Labelled({ label, children }: { label: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="labelled">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}
