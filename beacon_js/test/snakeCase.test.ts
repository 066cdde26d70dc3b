import assert from 'node:assert/strict';
import test from 'node:test';
import {snakeCase} from '../src/lib/snakeCase.js';

test('platform names become dictionary names', () => {
  assert.equal(snakeCase('domContentLoadedEventStart'), 'dom_content_loaded_event_start');
  assert.equal(snakeCase('criticalCHRestart'), 'critical_ch_restart');
  assert.equal(snakeCase('rtt'), 'rtt');
});
