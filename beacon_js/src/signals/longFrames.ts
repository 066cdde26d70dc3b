import {describeScript} from '../lib/describeScript.js';
import {toColumns} from '../lib/toColumns.js';
import {read} from '../rows.js';
import {on} from '../timeline.js';
import type {FrameEntry, PageView} from '../types.js';
import {getViewOf} from '../views.js';

const MAX_SCRIPTS = 10;
// Frames and events are told apart from each other, a frame or two out of order.
const MAX_RECENT = 10;

/** Time that one function took in all long animation frames of a view. */
export interface ScriptSum {
  duration: number;
  count: number;
  forced_layout_duration: number;
}

let frames: FrameEntry[] = [];
let isWanted: (frame: FrameEntry) => boolean = () => false;

/** Says whether a frame touches a span of time. */
export const touches = (frame: FrameEntry, start: number, end: number): boolean =>
  frame.startTime + frame.duration >= start && frame.startTime <= end;

/** Returns the long animation frames that touch a span of time. */
export const getFrames = (start: number, end: number): FrameEntry[] => frames.filter((frame) => touches(frame, start, end));

/** Says which frames are of interest; beside those, only the latest are kept. */
export const keepFrames = (isOfInterest: (frame: FrameEntry) => boolean): void => {
  isWanted = isOfInterest;
};

const add = (frame: FrameEntry, view: PageView): void => {
  const loaf = (view.fields.loaf ??= {
    count: 0,
    duration: 0,
    blocking_duration: 0,
    script_duration: 0,
    forced_layout_duration: 0,
    longest_duration: 0,
  }) as Record<string, number>;
  const {duration, blockingDuration} = frame;
  loaf.count++;
  loaf.duration += duration;
  loaf.blocking_duration += blockingDuration;
  if (duration > loaf.longest_duration) {
    loaf.longest_duration = duration;
    loaf.longest_start = frame.startTime - view.start;
    loaf.longest_blocking_duration = blockingDuration;
  }
  for (const script of frame.scripts) {
    const told = describeScript(script);
    const sum = ((view.scripts ??= {})[JSON.stringify(told)] ??= {...told, duration: 0, count: 0, forced_layout_duration: 0});
    sum.count++;
    for (const one of [sum, loaf]) one.forced_layout_duration += script.forcedStyleAndLayoutDuration;
    sum.duration += script.duration;
    loaf.script_duration += script.duration;
  }
};

/** Tells long animation frames: how many, how long they blocked, and the scripts that took most of their time. */
export const startLongFrames = (): void => {
  on('long-animation-frame', (frame: FrameEntry) => {
    frames = frames.filter((known, index) => index > frames.length - MAX_RECENT || isWanted(known));
    frames.push(frame);
    add(frame, getViewOf(frame));
  });
  read(({scripts = {}}) => ({
    loaf_scripts: toColumns(
      Object.values(scripts)
        .sort((a, b) => b.duration - a.duration)
        .slice(0, MAX_SCRIPTS),
    ),
  }));
};
