import {guard} from './guard.js';

/** Listens before the page does, and without holding up its scrolling; what the callback throws stays here. */
export const listen = (type: string, callback: (event: never) => void, target: EventTarget = window): void =>
  target.addEventListener(type, guard(callback as (event: Event) => void), {capture: true, passive: true});
