import {reportRoutes} from '@wideload/beacon/vue';
import {createApp} from 'vue';
import App from './App.vue';
import {router} from './router';
import {wideload} from './wideload';

reportRoutes(router, wideload);

createApp(App).use(router).mount('#app');
