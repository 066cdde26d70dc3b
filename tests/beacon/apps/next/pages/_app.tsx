import {useWideloadRoute} from '@wideload/beacon/next';
import type {AppProps} from 'next/app';

export default function App({Component, pageProps}: AppProps) {
  useWideloadRoute();
  return <Component {...pageProps} />;
}
