/** A link to another state of the viewer: an ordinary link that is followed without loading the page again. */

import type { ComponentChildren } from 'preact';

import { useApp } from '../context';
import type { State } from '../state';
import { formatState } from '../state';

interface Props {
  to: State;
  class?: string;
  current?: boolean;
  children: ComponentChildren;
}

export function Link({ to, class: className, current, children }: Props) {
  const { go } = useApp();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a class={className} href={formatState(to)} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
