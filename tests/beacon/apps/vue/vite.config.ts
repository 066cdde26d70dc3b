// Builds the application with one of the routers (`ROUTER`) into dist/ROUTER.
import vue from '@vitejs/plugin-vue';
import {defineConfig} from 'vite';

const {ROUTER = 'vue-router'} = process.env;

export default defineConfig({
  resolve: {alias: [{find: /^vue-router$/, replacement: ROUTER}]},
  build: {outDir: `dist/${ROUTER}`, emptyOutDir: true},
  plugins: [vue()],
});
