import type {RouteObject} from 'react-router';
import {Home, Layout, Nowhere, Product, ShopProduct} from './pages';

export const routes: RouteObject[] = [
  {
    path: '/',
    element: <Layout />,
    errorElement: <Nowhere />,
    children: [
      {index: true, element: <Home />},
      {path: 'product/:id', element: <Product />, loader: () => new Promise((done) => setTimeout(done, 50, null))},
      {path: 'shop', children: [{path: '/shop/:category/:id?', element: <ShopProduct />}]},
    ],
  },
];
