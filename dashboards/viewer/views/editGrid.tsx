/** The panels of a dashboard on its twelve columns, each with handles for its place and its width. */

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

import type { Draft } from '../editing';
import { NARROWEST, WIDEST, clampWidth, dropPlace, withPanel, withPlaced, withoutPanel } from '../editing';
import { harmless } from '../format';
import type { PanelOptions } from '../types';
import { Icon } from '../ui/icons';

interface Props {
  draft: Draft;
  /** The panels of the draft as they are shown. */
  panels: readonly PanelOptions[];
  draw: (panel: PanelOptions) => ComponentChildren;
  onChange: (draft: Draft) => void;
}

/** What the pointer is about to do with a panel. */
type Grab = { id: string; x: number; y: number; dx: number; dy: number; place: number } | { id: string; width: number };

export function EditGrid({ draft, panels, draw, onChange }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const [grab, setGrab] = useState<Grab | null>(null);
  const [spoken, setSpoken] = useState('');
  const others = panels.filter(({ id }) => id !== grab?.id);

  const place = (id: string, to: number) => {
    const next = Math.max(0, Math.min(panels.length - 1, to));
    if (panels[next]!.id === id) return;
    onChange(withPlaced(draft, id, next));
    setSpoken(`Place ${next + 1} of ${panels.length}`);
  };
  const resize = (id: string, to: number) => {
    const width = clampWidth(to);
    if (panels.some((panel) => panel.id === id && panel.width === width)) return;
    onChange(withPanel(draft, id, { width }));
    setSpoken(describeWidth(width));
  };
  const move = (event: PointerEvent, id: string, start: { x: number; y: number }) => {
    scrollAtEdge(event.clientY);
    const rects = [...grid.current!.querySelectorAll<HTMLElement>('.edit-slot')].filter((slot) => slot.dataset.id !== id).map((slot) => slot.getBoundingClientRect());
    setGrab({ id, ...start, dx: event.pageX - start.x, dy: event.pageY - start.y, place: dropPlace(rects, event.clientX, event.clientY) });
  };
  const stretch = (event: PointerEvent, id: string) => {
    const { left } = (event.currentTarget as HTMLElement).parentElement!.getBoundingClientRect();
    const column = (grid.current!.clientWidth + Number.parseFloat(getComputedStyle(grid.current!).columnGap)) / WIDEST;
    setGrab({ id, width: clampWidth(Math.round((event.clientX - left) / column)) });
  };
  const drop = () => {
    if (grab && 'place' in grab) place(grab.id, grab.place);
    if (grab && 'width' in grab) resize(grab.id, grab.width);
    setGrab(null);
  };
  const dropAt = (id: string) => {
    if (!grab || !('place' in grab)) return undefined;
    if (others[grab.place]?.id === id) return 'before';
    return grab.place === others.length && others.at(-1)?.id === id ? 'after' : undefined;
  };
  return (
    <div class="edit-grid" ref={grid} onKeyDown={(event) => event.key === 'Escape' && setGrab(null)}>
      {panels.map((panel, index) => (
        <EditSlot
          key={panel.id}
          panel={{ ...panel, title: draft.panels[index]!.title }}
          place={index}
          count={panels.length}
          grab={grab?.id === panel.id ? grab : null}
          drop={dropAt(panel.id)}
          onPlace={(to) => place(panel.id, to)}
          onResize={(width) => resize(panel.id, width)}
          onRename={(title) => onChange(withPanel(draft, panel.id, { title }))}
          onRemove={() => onChange(withoutPanel(draft, panel.id))}
          onDrag={(event, start) => move(event, panel.id, start)}
          onStretch={(event) => stretch(event, panel.id)}
          onDrop={drop}
          onLetGo={() => setGrab(null)}
        >
          {draw(panel)}
        </EditSlot>
      ))}
      <span class="spoken" role="status">{spoken}</span>
    </div>
  );
}

interface SlotProps {
  panel: PanelOptions;
  place: number;
  count: number;
  grab: Grab | null;
  /** On which side of it something would be dropped. */
  drop: 'before' | 'after' | undefined;
  onPlace: (place: number) => void;
  onResize: (width: number) => void;
  onRename: (title: string) => void;
  onRemove: () => void;
  onDrag: (event: PointerEvent, start: { x: number; y: number }) => void;
  onStretch: (event: PointerEvent) => void;
  onDrop: () => void;
  onLetGo: () => void;
  children: ComponentChildren;
}

function EditSlot({ panel, place, count, grab, drop, onPlace, onResize, onRename, onRemove, onDrag, onStretch, onDrop, onLetGo, children }: SlotProps) {
  const moved = useRef<HTMLElement | null>(null);
  const title = harmless(panel.title);
  const dragged = grab && 'place' in grab ? grab : null;
  const width = grab && 'width' in grab ? grab.width : panel.width;
  // A handle loses the focus when its panel moves within the page.
  useLayoutEffect(() => moved.current?.focus(), [place]);
  const press = (event: KeyboardEvent, steps: Record<string, () => void>) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    moved.current = event.currentTarget as HTMLElement;
    step();
  };
  const grabbed = (event: PointerEvent, begin: () => void) => {
    if (event.button !== 0) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    begin();
  };
  return (
    <div
      class="edit-slot"
      data-id={panel.id}
      data-grabbed={grab !== null}
      data-drop={drop}
      style={{ '--width': width, translate: dragged ? `${dragged.dx}px ${dragged.dy}px` : '' }}
    >
      <div class="edit-tools" role="group" aria-label={`Place and width of ${title}`}>
        <button
          type="button"
          class="quiet icon-button grip"
          aria-label={`Move ${title}, place ${place + 1} of ${count}`}
          title="Drag it to its place, or use the arrow keys"
          onPointerDown={(event) => grabbed(event, () => onDrag(event, { x: event.pageX, y: event.pageY }))}
          onPointerMove={(event) => dragged && onDrag(event, dragged)}
          onPointerUp={onDrop}
          onPointerCancel={onLetGo}
          onKeyDown={(event) => press(event, {
            ArrowLeft: () => onPlace(place - 1), ArrowUp: () => onPlace(place - 1), Home: () => onPlace(0),
            ArrowRight: () => onPlace(place + 1), ArrowDown: () => onPlace(place + 1), End: () => onPlace(count - 1),
          })}
        >
          <Icon name="grip" />
        </button>
        <input
          class="edit-title"
          aria-label={`Title of panel ${place + 1}`}
          maxlength={100}
          value={panel.title}
          onChange={(event) => event.currentTarget.value && onRename(event.currentTarget.value)}
        />
        <Tool name="back" label={`Move ${title} to an earlier place`} disabled={place === 0} onPress={() => onPlace(place - 1)} />
        <Tool name="next" label={`Move ${title} to a later place`} disabled={place === count - 1} onPress={() => onPlace(place + 1)} />
        <Tool name="minus" label={`Make ${title} narrower`} disabled={width <= NARROWEST} onPress={() => onResize(width - 1)} />
        <span class="edit-width" title={describeWidth(width)}>{width}</span>
        <Tool name="plus" label={`Make ${title} wider`} disabled={width >= WIDEST} onPress={() => onResize(width + 1)} />
        <Tool name="cross" label={`Remove ${title}`} disabled={count === 1} onPress={onRemove} />
      </div>
      <div class="edit-panel" inert>{children}</div>
      <div
        class="edit-edge"
        role="slider"
        tabIndex={0}
        aria-label={`Width of ${title}`}
        aria-valuemin={NARROWEST}
        aria-valuemax={WIDEST}
        aria-valuenow={width}
        aria-valuetext={describeWidth(width)}
        title="Drag it to the width, or use the arrow keys"
        onPointerDown={(event) => grabbed(event, () => onStretch(event))}
        onPointerMove={(event) => grab && onStretch(event)}
        onPointerUp={onDrop}
        onPointerCancel={onLetGo}
        onKeyDown={(event) => press(event, {
          ArrowLeft: () => onResize(width - 1), ArrowDown: () => onResize(width - 1), Home: () => onResize(NARROWEST),
          ArrowRight: () => onResize(width + 1), ArrowUp: () => onResize(width + 1), End: () => onResize(WIDEST),
        })}
      />
    </div>
  );
}

interface ToolProps {
  name: 'back' | 'next' | 'minus' | 'plus' | 'cross';
  label: string;
  disabled: boolean;
  onPress: () => void;
}

/** Keeps the focus where it can do no more, so that the next key does not start from the page's top. */
function Tool({ name, label, disabled, onPress }: ToolProps) {
  return (
    <button type="button" class="quiet icon-button" aria-label={label} title={label} aria-disabled={disabled} onClick={() => !disabled && onPress()}>
      <Icon name={name} />
    </button>
  );
}

function describeWidth(width: number): string {
  return `${width} of ${WIDEST} columns`;
}

/** So near to the window's edges, in CSS pixels, the page follows what is dragged. */
const EDGE = 72;

function scrollAtEdge(y: number): void {
  if (y < EDGE) scrollBy(0, y - EDGE);
  else if (y > innerHeight - EDGE) scrollBy(0, y - (innerHeight - EDGE));
}
