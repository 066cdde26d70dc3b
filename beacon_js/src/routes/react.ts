import {useContext, useEffect, type ReactElement, type ReactNode} from 'react';
import {
  createRoutesFromElements,
  isRouteErrorResponse,
  matchRoutes,
  UNSAFE_DataRouterContext,
  UNSAFE_RouteContext,
  useLocation,
  useRoutes,
  type Location,
  type RouteObject,
} from 'react-router';
import type {Wideload} from '../types.js';
import {reportRoute} from './reportRoute.js';
import {toTemplate} from './toTemplate.js';

interface Match {
  readonly route: {readonly path?: string};
}

interface RouterState {
  readonly location: {readonly pathname: string};
  readonly matches: readonly Match[];
  readonly errors?: Readonly<Record<string, unknown>> | null;
}

/** What this needs of a router of `createBrowserRouter`, in react-router 6.4 to 8. */
export interface DataRouter {
  readonly state: RouterState;
  subscribe(onChange: (state: RouterState) => void): () => void;
}

/** Joins the paths of nested routes. One that begins with a slash is whole, and what a `*` stands for is its children's. */
const joinPaths = (matches: readonly Match[]): string =>
  matches.reduce((parent, {route: {path}}) => {
    if (!path) return parent;
    if (parent.endsWith('*')) return parent.slice(0, -1) + path;
    return path.startsWith('/') ? path : `${parent}/${path}`;
  }, '');

// The router's own, not a loader's.
const isNoMatch = (error: unknown): boolean =>
  isRouteErrorResponse(error) && error.status === 404 && (error as {internal?: boolean}).internal === true;

/** Returns the template of a state. An address that no route matches has none: the root route is shown for it, with an error. */
const readTemplate = ({matches, errors}: RouterState): string | undefined =>
  matches.length && !Object.values(errors ?? {}).some(isNoMatch) ? toTemplate(joinPaths(matches)) : undefined;

/** Reports the route of every address that a router of `createBrowserRouter` goes to. Returns a function that stops it. */
export const reportRoutes = (router: DataRouter, wideload?: Wideload): (() => void) => {
  let reported: string | undefined;
  const report = (state: RouterState): void => {
    const template = readTemplate(state);
    const key = `${state.location.pathname} ${template}`;
    // A router tells of every step of a navigation, and of all that its loaders do.
    if (key === reported) return;
    reported = key;
    if (template) reportRoute(template, wideload);
  };
  report(router.state);
  return router.subscribe(report);
};

/** `reportRoutes` for the root route's component, where the router is out of reach, as in React Router's framework mode. */
export const useWideloadRoute = (wideload?: Wideload): void => {
  const router: DataRouter | undefined = useContext(UNSAFE_DataRouterContext)?.router;

  useEffect(() => {
    if (router) return reportRoutes(router, wideload);
    console.warn('Wideload: useWideloadRoute() needs a data router. Where you have <Routes>, use <WideloadRoutes> instead.');
  }, [router, wideload]);
};

// How deep the routes that reported an address are. The effects of inner routes run before those of outer ones, which
// know less: `/shop/*`.
const depths = new WeakMap<Location, number>();

/** `useRoutes` of React Router, which reports the route of every address. */
export const useWideloadRoutes = (
  routes: RouteObject[],
  at?: Partial<Location> | string,
  wideload?: Wideload,
): ReactElement | null => {
  const element = useRoutes(routes, at);
  const location = useLocation();
  const {matches: outer} = useContext(UNSAFE_RouteContext);
  const base = outer.length ? outer[outer.length - 1].pathnameBase : '/';
  // Routes that are shown for another address, such as those behind a dialog, say nothing of the page's.
  const path = (typeof at === 'string' ? at.replace(/[?#].*/, '') : at?.pathname) ?? location.pathname;
  const inner = path === location.pathname ? matchRoutes(routes, location, base) : null;
  const template = inner ? toTemplate(`${joinPaths(outer).replace(/\*$/, '')}/${joinPaths(inner)}`) : undefined;

  useEffect(() => {
    if (!template || (depths.get(location) ?? 0) > outer.length) return;
    depths.set(location, outer.length);
    reportRoute(template, wideload);
  }, [location.pathname, template, wideload]);
  return element;
};

/** `<Routes>` of React Router, which reports the route of every address. */
export const WideloadRoutes = (props: {
  children?: ReactNode;
  location?: Partial<Location> | string;
  wideload?: Wideload;
}): ReactElement | null => useWideloadRoutes(createRoutesFromElements(props.children), props.location, props.wideload);
