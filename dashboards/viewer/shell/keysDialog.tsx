/** The keys of the viewer, and the switch that turns those of one letter off. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { Icon } from '../ui/icons';
import { OFF } from './keys';

const GROUPS = [
  {
    title: 'Everywhere',
    keys: [
      ['?', 'Show this list'], ['/', 'Add a filter'], ['t', 'Choose from and to'], ['1 – 9', 'Go to a dashboard'], ['e', 'Explore'],
      ['p', 'Page views'], ['r', 'Refresh'], ['l', 'Live on or off'],
    ],
  },
  {
    title: 'On a chart',
    keys: [
      ['← →', 'Read the values, the first and last with Home and End'], ['Shift ← →', 'Select a stretch of time'], ['Enter', 'Show only what is selected'],
      ['Esc', 'Let go'],
    ],
  },
  {
    title: 'On a heat map',
    keys: [
      ['← → ↑ ↓', 'Read the cells'], ['Shift and arrows', 'Select cells, to the ends with Home, End, Page Up and Page Down'],
      ['Enter', 'Ask what is different about them'],
    ],
  },
] as const;

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [off, setOff] = useState(localStorage.getItem(OFF) === '1');
  useEffect(() => dialog.current!.showModal(), []);
  const change = (on: boolean) => {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
    setOff(!on);
  };
  return (
    <dialog ref={dialog} class="keys" aria-labelledby="keys-title" onClose={onClose} onClick={(event) => event.target === dialog.current && dialog.current?.close()}>
      <div class="keys-body">
        <header class="panel-head">
          <h2 id="keys-title">Keys</h2>
          <button type="button" class="quiet icon-button" aria-label="Close" onClick={() => dialog.current!.close()}><Icon name="cross" /></button>
        </header>
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>{keys.map(([key, text]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{text}</dd></div>)}</dl>
          </section>
        ))}
        <label><input type="checkbox" checked={!off} onChange={(event) => change(event.currentTarget.checked)} /> Keys of one letter</label>
      </div>
    </dialog>
  );
}
