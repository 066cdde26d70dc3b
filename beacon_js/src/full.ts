import {clicks} from './parts/clicks.js';
import {reports} from './parts/reports.js';
import {traceHeaders} from './parts/traceHeaders.js';
import {waterfall} from './parts/waterfall.js';
import {MORE_SIGNALS} from './signals/more.js';
import {startFromTag} from './tag.js';

startFromTag((origins) => [
  ...MORE_SIGNALS,
  waterfall(),
  clicks(),
  reports(),
  ...(origins.length ? [traceHeaders(origins)] : []),
]);
