import {getMeta} from '../lib/getMeta.js';
import {getActivationStart, getNavigationEntry} from '../lib/getNavigationEntry.js';
import {isHidden} from '../lib/isHidden.js';
import {options, words} from '../options.js';
import {read} from '../rows.js';
import {isSupported} from '../timeline.js';
import type {Fields, Groups, PageView} from '../types.js';

/** What the application calls paths. It may say so before or after the browser tells of a change. */
export const templates: Record<string, string> = {};

/** Returns the values of the query that may leave the page: those of campaigns, and those that the page has named. */
export const readQuery = (search: URLSearchParams, allowed?: string): Groups => {
  const campaign: Fields = {};
  const query: Fields = {};
  search.forEach((value, name) => {
    if (words(allowed).includes(name)) query[name] = value;
    else if (/^utm_(source|medium|campaign|term|content|id)$/.test(name)) campaign[name.slice(4).replace('campaign', 'name')] = value;
  });
  return {campaign, 'page.query': query};
};

const readView = ({url, type, session}: PageView): Groups => ({
  page: {
    url: url.href,
    host: url.host,
    path: url.pathname,
    // Where nobody says, the collector derives it from the path's shape.
    route: templates[url.pathname] ?? (type ? undefined : (options.route ?? getMeta('wideload-route'))),
  },
  service: {name: options.service, version: options.release, build: options.build},
  session: {id: session},
});

/** Returns what an error or an event carries of its view. */
export const readContext = (view: PageView): Groups => ({...readView(view), view: {id: view.id}, beacon: {version: VERSION}});

/** Tells which page it is, where the visitor came from, and whether the page was left before it was there. */
export const startPage = (): void => {
  const {referrer} = document;
  read((view) => {
    const told = readView(view);
    if (!view.type) Object.assign(told.page!, {referrer, referrer_host: referrer && new URL(referrer).host});
    return {...told, view: view.place, ...readQuery(view.url.searchParams, options.query)};
  });
  read(({type, end, states, fields, largest}) => {
    if (type) return {};
    // A prerendered page is hidden at first in any case, so there it can't be told.
    const wasHidden = getActivationStart() ? undefined : states[0].state === 'hidden';
    const isLeft = isHidden() && !end && !wasHidden;
    return {
      page: {
        hidden_at_start: wasHidden,
        left_before_fcp: (isLeft && !fields.fcp) || undefined,
        left_before_lcp: (isLeft && !largest && isSupported('largest-contentful-paint')) || undefined,
        left_before_load: (isLeft && !getNavigationEntry()?.loadEventStart) || undefined,
      },
    };
  });
};
