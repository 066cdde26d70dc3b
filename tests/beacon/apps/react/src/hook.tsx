import {createRoot} from 'react-dom/client';
import {createBrowserRouter, RouterProvider} from 'react-router';
import {Root} from './root';
import {routes} from './shopRoutes';

const [{children}] = routes;
const router = createBrowserRouter([{path: '/', element: <Root />, errorElement: <Root />, children}]);

createRoot(document.getElementById('root')!).render(<RouterProvider router={router} />);
