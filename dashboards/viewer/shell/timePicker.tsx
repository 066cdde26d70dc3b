/** The time that is shown: one of the presets, or from one moment to another in the reader's own time zone. */

import { useState } from 'preact/hooks';

import { useApp } from '../context';
import { formatRange, timeZone } from '../format';
import type { Preset, Time } from '../state';
import { PRESETS, timeSpan } from '../state';
import { Icon } from '../ui/icons';
import { Labelled } from '../ui/labelled';
import { Popover } from '../ui/popover';

export function TimePicker() {
  const { state, go } = useApp();
  const { time } = state;
  const custom = 'preset' in time ? null : time;
  return (
    <div class="segments time" role="group" aria-label="Time">
      {(Object.keys(PRESETS) as Preset[]).map((preset) => (
        <button
          key={preset}
          type="button"
          aria-pressed={'preset' in time && time.preset === preset}
          title={PRESETS[preset].spoken}
          onClick={() => go({ ...state, time: { preset } })}
        >
          {PRESETS[preset].title}
        </button>
      ))}
      <Popover
        label={<><Icon name="calendar" />{custom && <span class="range">{formatRange(custom.start * 1000, custom.end * 1000)}</span>}</>}
        name={custom ? `From ${formatRange(custom.start * 1000, custom.end * 1000)}` : 'Choose from and to'}
        pressed={custom !== null}
        align="end"
      >
        {(close) => <RangeForm time={time} onChoose={(range) => { close(); go({ ...state, time: range, live: false }); }} />}
      </Popover>
    </div>
  );
}

function RangeForm({ time, onChoose }: { time: Time; onChoose: (time: Time) => void }) {
  const end = 'preset' in time ? Date.now() / 1000 : time.end;
  const [from, setFrom] = useState(toLocal('preset' in time ? end - timeSpan(time) : time.start));
  const [to, setTo] = useState(toLocal(end));
  const range = { start: fromLocal(from), end: fromLocal(to) };
  const valid = range.start < range.end;
  return (
    <form class="form" aria-label="Time range" onSubmit={(event) => { event.preventDefault(); if (valid) onChoose(range); }}>
      <Labelled label="From">
        {(id) => <input id={id} type="datetime-local" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />}
      </Labelled>
      <Labelled label="To">
        {(id) => <input id={id} type="datetime-local" required value={to} onInput={(event) => setTo(event.currentTarget.value)} />}
      </Labelled>
      <p class="form-note">{valid ? `Times of ${timeZone()}` : '“From” has to be before “To”.'}</p>
      <button type="submit" class="primary" disabled={!valid}>Show</button>
    </form>
  );
}

/** Epoch seconds as the value of a datetime-local input. */
function toLocal(seconds: number): string {
  const date = new Date(seconds * 1000);
  const pad = (number: number) => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

function fromLocal(text: string): number {
  return new Date(text).getTime() / 1000;
}
