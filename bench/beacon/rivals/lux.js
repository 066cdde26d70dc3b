// lux.js for a single-page app, sending every view.
import './lux-options.js';
import '@speedcurve/lux/dist/lux.es2020.min.js';
