'use client';

import {useRouter} from 'next/compat/router.js';
import {useParams, usePathname, useSelectedLayoutSegments} from 'next/navigation.js';
import {useEffect} from 'react';
import type {Wideload} from '../types.js';
import {fromParams} from './fromParams.js';
import {reportRoute} from './reportRoute.js';
import {toTemplate} from './toTemplate.js';

/**
 * Reports the route of every address that the application goes to: call it in a component that is always there.
 *
 * The Pages Router tells the pattern. The App Router tells the address and the values of its parameters only, in whose
 * place their names are put.
 */
export const useWideloadRoute = (wideload?: Wideload): void => {
  const pages = useRouter();
  const path = usePathname();
  const params = useParams();
  const [segment] = useSelectedLayoutSegments() ?? [];
  let template: string | undefined;
  if (pages) template = pages.isReady && !/^\/(404|_error)$/.test(pages.pathname) ? toTemplate(pages.pathname) : undefined;
  // What no route matches has no template.
  else if (path && segment !== '/_not-found') template = fromParams(path, params ?? {});

  useEffect(() => {
    if (template) reportRoute(template, wideload);
  }, [path, template, wideload]);
};

/** `useWideloadRoute()` as a component, for layouts that run on the server. It shows nothing. */
export const WideloadRoute = (): null => {
  useWideloadRoute();
  return null;
};
