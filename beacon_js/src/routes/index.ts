// For routers that have no helper of their own.
export {fromParams, type RouteParams} from './fromParams.js';
export {reportRoute} from './reportRoute.js';
export {toTemplate} from './toTemplate.js';
