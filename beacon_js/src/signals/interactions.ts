import {describeScript} from '../lib/describeScript.js';
import {getLoadState} from '../lib/getLoadState.js';
import {getSelector} from '../lib/getSelector.js';
import {read} from '../rows.js';
import {on} from '../timeline.js';
import type {EventEntry, Groups, PageView} from '../types.js';
import {getViewOf, onOpen} from '../views.js';
import {getFrames, keepFrames, touches} from './longFrames.js';

// As web-vitals: with 500 interactions the tenth longest is at the 98th percentile, and nobody has more.
const MAX_INTERACTIONS = 10;
// Events whose frames were painted within so many milliseconds were painted in one: durations are rounded to 8.
const SAME_FRAME_MS = 8;
const MAX_FRAMES = 10;

/** All events that were presented in one frame. */
interface EventFrame {
  rendered: number;
  from: number;
  to: number;
}

/** What is kept of an interaction: its longest event. */
export interface Interaction {
  id: number;
  latency: number;
  name: string;
  start: number;
  target?: string;
  frame: EventFrame;
}

// Frames of events, the latest first: an event that belongs to no interaction may hold up one that does.
let eventFrames: EventFrame[] = [];

/** Returns how many interactions the document has had. A browser that doesn't tell is one where the worst one counts. */
const countInteractions = (): number => performance.interactionCount ?? 0;

const toFrame = ({startTime, duration, processingStart, processingEnd}: EventEntry): EventFrame => {
  const rendered = startTime + duration;
  let frame = eventFrames.find((known) => Math.abs(rendered - known.rendered) <= SAME_FRAME_MS);
  if (!frame) {
    frame = {rendered, from: processingStart, to: 0};
    eventFrames = [frame, ...eventFrames].slice(0, MAX_FRAMES);
  }
  frame.from = Math.min(frame.from, processingStart);
  frame.to = Math.max(frame.to, processingEnd);
  return frame;
};

const add = (entry: EventEntry): void => {
  const {interactionId: id, duration: latency, startTime: start, name} = entry;
  const frame = toFrame(entry);
  if (!id) return;
  const {longest} = getViewOf(entry);
  let known = longest.find((interaction) => interaction.id === id);
  if (!known) longest.push((known = {id, latency: -1, name, start, frame}));
  // Of events of the same length the first one counts.
  if (latency > known.latency) Object.assign(known, {latency, name, start, frame});
  known.target ??= getSelector(entry.target) ?? (entry.targetSelector || undefined);
  longest.sort((a, b) => b.latency - a.latency).splice(MAX_INTERACTIONS);
  keepFrames((loaf) => longest.some((interaction) => touches(loaf, interaction.start, interaction.frame.to)));
};

/** Returns how the long animation frames of an interaction spent their time, by web-vitals' rules. */
const readFrames = (start: number, processed: number, processingEnd: number, paint: number): Groups => {
  let total = 0;
  let scripts = 0;
  let layout = 0;
  let max = 0;
  let lastEnd = 0;
  let longest = {};
  for (const frame of getFrames(start, processingEnd)) {
    total += frame.duration;
    lastEnd = frame.startTime + frame.duration;
    layout += lastEnd - frame.styleAndLayoutStart;
    for (const script of frame.scripts) {
      const from = script.startTime;
      const duration = from + script.duration - Math.max(start, from);
      if (duration < 0) continue;
      // Nobody tells when within the script the layout was forced: take a share of it.
      const forced = script.duration && (duration / script.duration) * script.forcedStyleAndLayoutDuration;
      scripts += duration - forced;
      layout += forced;
      if (duration > max) {
        max = duration;
        const subpart = from < processed ? 'input-delay' : from < processingEnd ? 'processing-duration' : 'presentation-delay';
        longest = {...describeScript(script), duration, forced_layout_duration: script.forcedStyleAndLayoutDuration, subpart};
      }
    }
  }
  const painting = lastEnd >= processingEnd ? paint - lastEnd : 0;
  return total
    ? {
        'inp.script': longest,
        inp: {
          loaf_duration: total,
          total_script_duration: scripts,
          total_style_and_layout_duration: layout,
          total_paint_duration: painting,
          total_unattributed_duration: paint - start - scripts - layout - painting,
        },
      }
    : {};
};

const readInp = ({type, longest, interactionsBefore}: PageView): Groups => {
  const count = countInteractions() - interactionsBefore;
  // The worst one, or with every 50 more the next one.
  const worst = longest[Math.min(longest.length - 1, Math.floor(count / 50))];
  // There was one, too short to be told. The first of a document is always told, so only later views know it like this.
  if (!worst) return type && type !== 'route-change' && count > 0 ? {inp: {value: 8}} : {};
  const {latency, start, frame, name, target} = worst;
  const processed = Math.max(frame.from, start);
  const paint = Math.max(start + latency, processed);
  // A modal dialog keeps a handler running long after the paint.
  const processingEnd = Math.min(frame.to, paint);
  const frames = readFrames(start, processed, processingEnd, paint);
  return {
    ...frames,
    inp: {
      ...frames.inp,
      value: latency,
      interaction_target: target,
      interaction_type: name.startsWith('key') ? 'keyboard' : 'pointer',
      interaction_time: start,
      next_paint_time: paint,
      input_delay: processed - start,
      processing_duration: processingEnd - processed,
      presentation_delay: paint - processingEnd,
      load_state: getLoadState(start),
    },
  };
};

/** Tells Interaction to Next Paint with its parts, its element, and the script that took longest within it. */
export const startInteractions = (): void => {
  onOpen((view) => {
    view.interactionsBefore = view.type ? countInteractions() : 0;
  });
  on('event', add);
  on('first-input', add);
  read((view) => ({...readInp(view), interaction: {count: performance.interactionCount - view.interactionsBefore}}));
};
