// A service worker that answers every request from its cache, and what is not there from the network.
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) =>
  event.respondWith(caches.match(event.request).then((response) => response ?? fetch(event.request))),
);
