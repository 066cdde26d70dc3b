import {afterLayout} from '../lib/afterLayout.js';
import {listen} from '../lib/listen.js';
import {getView, onOpen} from '../views.js';

/** Tells how much of the page's height was seen, from 0 to 1. */
export const startScroll = (): void => {
  let isWaiting = false;

  const measure = () => {
    if (isWaiting) return;
    isWaiting = true;
    afterLayout(() => {
      isWaiting = false;
      const depth = Math.min(1, (scrollY + innerHeight) / document.documentElement.scrollHeight);
      const scroll = (getView().fields.scroll ??= {depth: 0});
      if (depth > (scroll.depth as number)) scroll.depth = depth;
    });
  };

  listen('scroll', measure);
  onOpen(measure);
};
