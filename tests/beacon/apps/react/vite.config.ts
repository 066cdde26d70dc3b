// Builds one of the applications (`ENTRY`: data, routes or hook) with one of the routers (`ROUTER`) into dist/ENTRY/ROUTER.
import react from '@vitejs/plugin-react';
import {defineConfig, type Plugin} from 'vite';

const {ENTRY = 'data', ROUTER = 'react-router'} = process.env;

// Also for what the package imports, but not for version 6 itself, which comes in two packages.
const router: Plugin = {
  name: 'router',
  enforce: 'pre',
  resolveId(source, importer) {
    return source === 'react-router' && !importer?.includes('/node_modules/react-router') ? this.resolve(ROUTER, import.meta.filename) : null;
  },
};

export default defineConfig({
  root: ENTRY,
  build: {outDir: `../dist/${ENTRY}/${ROUTER}`, emptyOutDir: true},
  plugins: [router, react()],
});
