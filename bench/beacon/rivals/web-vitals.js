// web-vitals with attribution, for the page load alone.
import {reportVitals} from './report-vitals.js';

reportVitals();
