import {on} from '../timeline.js';
import type {FrameEntry} from '../types.js';
import {views} from '../views.js';

// Frames and events are told apart from each other, a frame or two out of order.
const MAX_RECENT = 10;

let frames: FrameEntry[] = [];

const touches = (frame: FrameEntry, start: number, end: number): boolean =>
  frame.startTime + frame.duration >= start && frame.startTime <= end;

/** Returns the long animation frames that touch a span of time. */
export const getFrames = (start: number, end: number): FrameEntry[] => frames.filter((frame) => touches(frame, start, end));

/** Keeps the long animation frames that interactions may be explained by, and the latest ones. */
export const keepFrames = (): void =>
  on('long-animation-frame', (entry: FrameEntry) => {
    frames = frames.filter(
      (known, index) =>
        index > frames.length - MAX_RECENT || views.some(({longest}) => longest.some((one) => touches(known, one.startTime, one.frame.to))),
    );
    frames.push(entry);
  });
