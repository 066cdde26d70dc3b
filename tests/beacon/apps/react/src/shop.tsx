import {useWideloadRoutes} from '@wideload/beacon/react';
import {ShopProduct} from './pages';
import {wideload} from './wideload';

/** Routes within a route, which only know the rest of the path. */
export const Shop = () => useWideloadRoutes([{path: '/:category/:id', element: <ShopProduct />}], undefined, wideload);
