import {getNavigationEntry} from '../lib/getNavigationEntry.js';
import {getVisibilityStates} from '../lib/getVisibilityStates.js';
import {stripUrl} from '../lib/stripUrl.js';
import type {Config, Groups} from '../types.js';

/**
 * Says whether the page was opened in the background. Where the browser keeps no record (all but Chromium), its state when
 * this script runs is the best guess. A prerendered page is hidden at first in any case, so there it can't be told.
 */
const wasHiddenAtStart = (): boolean | undefined =>
  document.prerendering || getNavigationEntry()?.activationStart
    ? undefined
    : (getVisibilityStates()[0]?.name ?? document.visibilityState) === 'hidden';

/** Returns what names the page, read when its view begins: an application may change the address later. */
export const readPage = ({service, release, route}: Config, isRestored: boolean): Groups => {
  const {referrer} = document;
  return {
    page: {
      url: stripUrl(location.href),
      host: location.host,
      path: location.pathname,
      route,
      referrer: referrer && stripUrl(referrer),
      referrer_host: referrer && new URL(referrer).host,
      hidden_at_start: isRestored ? undefined : wasHiddenAtStart(),
    },
    service: {name: service, version: release},
  };
};
