import {byDuration} from '../lib/byDuration.js';
import {describeScript} from '../lib/describeScript.js';
import {getFrames, keepFrames} from '../lib/frames.js';
import {getLoadState} from '../lib/getLoadState.js';
import {getSelector} from '../lib/getSelector.js';
import {read} from '../rows.js';
import {on} from '../timeline.js';
import type {EventEntry, Groups, PageView} from '../types.js';
import {getViewOf, onOpen} from '../views.js';

// As web-vitals: with 500 interactions the tenth longest is at the 98th percentile, and nobody has more.
const MAX_INTERACTIONS = 10;
// Events whose frames were painted within so many milliseconds were painted in one: durations are rounded to 8.
const SAME_FRAME_MS = 8;
const MAX_FRAMES = 10;

/** When the events were processed that were presented in one frame. */
interface EventFrame {
  rendered: number;
  from: number;
  to: number;
}

/** What is kept of an interaction: its longest event. */
export interface Interaction {
  interactionId?: number;
  duration: number;
  name: string;
  startTime: number;
  target?: string;
  frame: EventFrame;
}

// Frames of events, the latest first: an event that belongs to no interaction may hold up one that does.
let eventFrames: EventFrame[] = [];

const add = (entry: EventEntry): void => {
  const {interactionId, duration, startTime, name, processingStart, processingEnd} = entry;
  const rendered = startTime + duration;
  let frame = eventFrames.find((known) => Math.abs(rendered - known.rendered) <= SAME_FRAME_MS);
  if (!frame) eventFrames = [(frame = {rendered, from: processingStart, to: 0}), ...eventFrames].slice(0, MAX_FRAMES);
  frame.from = Math.min(frame.from, processingStart);
  frame.to = Math.max(frame.to, processingEnd);
  if (!interactionId) return;
  const {longest} = getViewOf(entry);
  let known = longest.find((interaction) => interaction.interactionId === interactionId);
  if (!known) longest.push((known = {interactionId, duration: -1} as Interaction));
  // Of events of the same length the first one counts.
  if (duration > known.duration) Object.assign(known, {duration, name, startTime, frame});
  known.target ??= getSelector(entry.target) ?? (entry.targetSelector || undefined);
  longest.sort(byDuration).splice(MAX_INTERACTIONS);
};

/** Returns Interaction to Next Paint of a view that had `count` interactions; by web-vitals' rules. */
const readInp = ({type, longest}: PageView, count: number): Groups => {
  // The worst one, or with every 50 more the next one. A browser that doesn't tell how many is one where the worst one counts.
  const worst = longest[Math.min(longest.length - 1, (count / 50) | 0)];
  // There was one, too short to be told. The first of a document is always told, so only later views know it like this.
  if (!worst) return type && type !== 'route-change' && count > 0 ? {inp: {value: 8}} : {};
  const {duration: value, startTime: start, frame, name, target} = worst;
  const processed = Math.max(frame.from, start);
  const paint = Math.max(start + value, processed);
  // A modal dialog keeps a handler running long after the paint.
  const processingEnd = Math.min(frame.to, paint);

  let [total, scripts, layout, max, lastEnd] = [0, 0, 0, 0, 0];
  let longestScript = {};
  for (const loaf of getFrames(start, processingEnd)) {
    total += loaf.duration;
    lastEnd = loaf.startTime + loaf.duration;
    layout += lastEnd - loaf.styleAndLayoutStart;
    for (const script of loaf.scripts) {
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
        longestScript = {...describeScript(script), duration, forced_layout_duration: script.forcedStyleAndLayoutDuration, subpart};
      }
    }
  }
  const painting = lastEnd >= processingEnd ? paint - lastEnd : 0;
  return {
    'inp.script': longestScript,
    inp: {
      value,
      interaction_target: target,
      interaction_type: name.startsWith('key') ? 'keyboard' : 'pointer',
      interaction_time: start,
      next_paint_time: paint,
      input_delay: processed - start,
      processing_duration: processingEnd - processed,
      presentation_delay: paint - processingEnd,
      load_state: getLoadState(start),
      ...(total && {
        loaf_duration: total,
        total_script_duration: scripts,
        total_style_and_layout_duration: layout,
        total_paint_duration: painting,
        total_unattributed_duration: paint - start - scripts - layout - painting,
      }),
    },
  };
};

/** Tells Interaction to Next Paint with its parts, its element, and the script that took longest within it. */
export const startInteractions = (): void => {
  onOpen((view) => {
    view.interactionsBefore = view.type ? performance.interactionCount : 0;
  });
  keepFrames();
  on('event', add);
  on('first-input', add);
  read((view) => {
    const count = performance.interactionCount - view.interactionsBefore;
    return {...readInp(view, count), interaction: {count}};
  });
};
