import {isGranted, setConsent} from './consent.js';
import {dropAll, report, send, touch} from './delivery.js';
import {guard} from './lib/guard.js';
import {randomId} from './lib/randomId.js';
import {toWire} from './lib/toWire.js';
import {cleanFields, own} from './rows.js';
import {enterSession} from './session.js';
import {describe, noteFailure} from './signals/errors.js';
import {readContext} from './signals/page.js';
import {nameRoute} from './signals/routes.js';
import {noteMark} from './signals/userTiming.js';
import type {Fields, Wideload} from './types.js';
import {getView} from './views.js';

const commands: Record<string, (...args: never[]) => void> = {
  set(fields: Record<string, unknown>) {
    Object.assign(own, cleanFields(fields));
    touch();
  },
  event(name: string, fields?: Fields) {
    report('event', randomId(), {...cleanFields(fields), ...toWire({...readContext(getView()), event: {name}})});
  },
  mark(name: string, time?: number) {
    noteMark(name, time);
    touch();
  },
  error: (error: unknown, fields?: Fields) => noteFailure('api', 'count', describe(error), {}, cleanFields(fields)),
  route: nameRoute,
  consent(granted: boolean) {
    if (granted === isGranted()) return;
    if (!granted) dropAll();
    setConsent(granted);
    if (granted) enterSession(getView());
    touch();
  },
  flush: () => send('flush'),
};

/** Does what the page asks for; what it can't do it leaves undone, and never throws. */
export const wideload = guard((command: string, ...args: never[]) =>
  commands[command] ? commands[command](...args) : console.warn('Wideload: no', command),
) as Wideload;
