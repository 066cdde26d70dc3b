ALTER TABLE events
    ADD INDEX IF NOT EXISTS by_session `session.id` TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS by_trace `trace.trace_id` TYPE bloom_filter(0.01) GRANULARITY 1
;

ALTER TABLE events MATERIALIZE INDEX by_session;

ALTER TABLE events MATERIALIZE INDEX by_trace;
