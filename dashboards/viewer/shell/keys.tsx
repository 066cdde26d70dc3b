/** Keys of one letter for what is done most, and the list of them behind `?`. They can be switched off there. */

import { useEffect, useState } from 'preact/hooks';

import { useApp } from '../context';
import { exploreFrom } from '../state';
import { lazy } from '../ui/lazy';

const KeysDialog = lazy(() => import('./keysDialog').then((module) => module.KeysDialog));

/** Where the browser remembers that the reader wants no keys of one letter. */
export const OFF = 'wideload-keys-off';

export function Keys() {
  const { state, go, refresh, dashboards } = useApp();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const act = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      // The list stays in reach, since it is where the others are switched on again.
      if (event.key !== '?' && isOff()) return;
      const view = dashboards[Number(event.key) - 1];
      const action = {
        '?': () => setOpen(true),
        '/': () => press('.add-filter'),
        t: () => press('.time .popover-root > button'),
        e: () => go(exploreFrom(state)),
        p: () => go({ ...state, view: 'page-views', id: '' }),
        r: refresh,
        l: () => 'preset' in state.time && go({ ...state, live: !state.live }),
      }[event.key] ?? (view && (() => go({ ...state, view: view.id, id: '', sort: null })));
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', act);
    return () => document.removeEventListener('keydown', act);
  });
  return open ? <KeysDialog fallback={null} onClose={() => setOpen(false)} /> : null;
}

function isTyping(target: EventTarget | null): boolean {
  // A dialog that was closed keeps the focus until the next paint, and a fast key goes to it.
  return target instanceof Element && !target.closest('dialog:not([open])') && target.closest('input, select, textarea, dialog, .popover') !== null;
}

function isOff(): boolean {
  return localStorage.getItem(OFF) === '1';
}

function press(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.click();
}
