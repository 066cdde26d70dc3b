import {createRouter, createWebHistory} from 'vue-router';
import Show from './Show.vue';

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {path: '/', component: Show},
    {path: '/product/:id(\\d+)', component: Show},
    {path: '/shop', component: Show, children: [{path: ':category/:id?', component: Show}]},
    {path: '/docs/:slug(.*)*', component: Show},
  ],
});
