// web-vitals with attribution, for the page load and for every soft navigation after it.
import {reportVitals} from './report-vitals.js';

reportVitals({reportSoftNavs: true});
