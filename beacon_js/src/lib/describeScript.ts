import type {ScriptEntry} from '../types.js';
import {stripInvoker} from './stripInvoker.js';
import {stripUrl} from './stripUrl.js';

/** Returns which script ran within a long animation frame. */
export const describeScript = (script: ScriptEntry) => ({
  url: stripUrl(script.sourceURL),
  function: script.sourceFunctionName,
  invoker: stripInvoker(script.invoker),
  invoker_type: script.invokerType,
});
