import {WideloadRoute} from '@wideload/beacon/next';
import type {ReactNode} from 'react';
import {Nav} from '../nav';

export default function Layout({children}: {children: ReactNode}) {
  return (
    <html lang="en">
      <body>
        <WideloadRoute />
        <Nav />
        {children}
      </body>
    </html>
  );
}
