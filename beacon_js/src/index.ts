import {startFromTag} from './tag.js';

startFromTag(() => []);
