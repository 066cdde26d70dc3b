import {byDuration} from '../lib/byDuration.js';
import {describeScript} from '../lib/describeScript.js';
import {toColumns} from '../lib/toColumns.js';
import {read} from '../rows.js';
import {on} from '../timeline.js';
import type {FrameEntry} from '../types.js';
import {getViewOf} from '../views.js';

const MAX_SCRIPTS = 10;

/** Time that one function took in all long animation frames of a view. */
export interface ScriptSum {
  duration: number;
  count: number;
  forced_layout_duration: number;
}

/** Tells long animation frames: how many, how long they blocked, and the scripts that took most of their time. */
export const startLongFrames = (): void => {
  on('long-animation-frame', (entry: FrameEntry) => {
    const view = getViewOf(entry);
    const {startTime, duration, blockingDuration} = entry;
    const loaf = (view.fields.loaf ??= {
      count: 0,
      duration: 0,
      blocking_duration: 0,
      script_duration: 0,
      forced_layout_duration: 0,
      longest_duration: 0,
    }) as Record<string, number>;
    loaf.count++;
    loaf.duration += duration;
    loaf.blocking_duration += blockingDuration;
    if (duration > loaf.longest_duration) {
      Object.assign(loaf, {longest_duration: duration, longest_start: startTime - view.start, longest_blocking_duration: blockingDuration});
    }
    for (const script of entry.scripts) {
      const told = describeScript(script);
      const sum = ((view.scripts ??= {})[JSON.stringify(told)] ??= {...told, duration: 0, count: 0, forced_layout_duration: 0});
      sum.count++;
      sum.duration += script.duration;
      loaf.script_duration += script.duration;
      for (const one of [sum, loaf]) one.forced_layout_duration += script.forcedStyleAndLayoutDuration;
    }
  });
  read(({scripts = {}}) => ({loaf_scripts: toColumns(Object.values(scripts).sort(byDuration).slice(0, MAX_SCRIPTS))}));
};
