import {WideloadRoutes} from '@wideload/beacon/react';
import {StrictMode} from 'react';
import {createRoot} from 'react-dom/client';
import {BrowserRouter, Route} from 'react-router';
import {Home, Layout, Nowhere, Product} from './pages';
import {Shop} from './shop';
import {wideload} from './wideload';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <BrowserRouter>
      <WideloadRoutes wideload={wideload}>
        <Route path="/" element={<Layout />}>
          <Route index element={<Home />} />
          <Route path="product/:id" element={<Product />} />
          <Route path="shop/*" element={<Shop />} />
          <Route path="*" element={<Nowhere />} />
        </Route>
      </WideloadRoutes>
    </BrowserRouter>
  </StrictMode>,
);
