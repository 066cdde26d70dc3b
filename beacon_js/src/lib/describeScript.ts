import type {ScriptEntry} from '../types.js';

/** Returns which script ran within a long animation frame. */
export const describeScript = (script: ScriptEntry) => ({
  url: script.sourceURL,
  function: script.sourceFunctionName,
  invoker: script.invoker,
  invoker_type: script.invokerType,
});
