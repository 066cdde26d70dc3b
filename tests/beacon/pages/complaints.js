// Tells the site's server of every error and warning of the page, also of those while it is left.
const complain = (text) => navigator.sendBeacon('/complaint', text);

addEventListener('error', (event) => complain(event.message ?? 'an element failed'), true);
addEventListener('unhandledrejection', ({reason}) => complain(`unhandled rejection: ${reason}`));
for (const level of ['error', 'warn']) console[level] = (...words) => complain(`console.${level}: ${words.join(' ')}`);
