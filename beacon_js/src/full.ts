import {traceHeaders} from './parts/traceHeaders.js';
import {startFromTag} from './tag.js';

startFromTag((origins) => (origins.length ? [traceHeaders(origins)] : []));
