import {reportRoutes} from '@wideload/beacon/react';
import {createRoot} from 'react-dom/client';
import {createBrowserRouter, RouterProvider} from 'react-router';
import {routes} from './shopRoutes';
import {wideload} from './wideload';

const router = createBrowserRouter(routes);
reportRoutes(router, wideload);

createRoot(document.getElementById('root')!).render(<RouterProvider router={router} />);
