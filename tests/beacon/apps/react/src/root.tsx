import {useWideloadRoute} from '@wideload/beacon/react';
import {useRouteError} from 'react-router';
import {Layout, Nowhere} from './pages';
import {wideload} from './wideload';

export const Root = () => {
  useWideloadRoute(wideload);
  return useRouteError() ? <Nowhere /> : <Layout />;
};
