CREATE TABLE IF NOT EXISTS narrow
(
    `dataset` LowCardinality(String) CODEC(LZ4),
    `hour` DateTime('UTC') CODEC(Delta, LZ4),
    `built` UInt64 CODEC(LZ4),
    `ts` DateTime64(3, 'UTC') CODEC(Delta, LZ4),
    `sample_rate` UInt32 CODEC(LZ4),
    `kind` LowCardinality(String) CODEC(LZ4),
    `page.route` LowCardinality(Nullable(String)) CODEC(LZ4),
    `navigation.type` LowCardinality(Nullable(String)) CODEC(LZ4),
    `user_agent.is_bot` Nullable(Bool) CODEC(LZ4),
    `device.type` LowCardinality(Nullable(String)) CODEC(LZ4),
    `browser.name` LowCardinality(Nullable(String)) CODEC(LZ4),
    `os.name` LowCardinality(Nullable(String)) CODEC(LZ4),
    `geo.country.iso_code` LowCardinality(Nullable(String)) CODEC(LZ4),
    `service.version` LowCardinality(Nullable(String)) CODEC(LZ4),
    `fcp.value` Nullable(Float32) CODEC(LZ4),
    `lcp.value` Nullable(Float32) CODEC(LZ4),
    `cls.value` Nullable(Float32) CODEC(LZ4),
    `inp.value` Nullable(Float32) CODEC(LZ4),
    `ttfb.value` Nullable(Float32) CODEC(LZ4),
    `fcp.rating` LowCardinality(Nullable(String)) ALIAS multiIf(isNull(`fcp.value`), NULL, `fcp.value` <= toFloat32(1800), 'good', `fcp.value` <= toFloat32(3000), 'needs-improvement', 'poor'),
    `lcp.rating` LowCardinality(Nullable(String)) ALIAS multiIf(isNull(`lcp.value`), NULL, `lcp.value` <= toFloat32(2500), 'good', `lcp.value` <= toFloat32(4000), 'needs-improvement', 'poor'),
    `cls.rating` LowCardinality(Nullable(String)) ALIAS multiIf(isNull(`cls.value`), NULL, `cls.value` <= toFloat32(0.1), 'good', `cls.value` <= toFloat32(0.25), 'needs-improvement', 'poor'),
    `inp.rating` LowCardinality(Nullable(String)) ALIAS multiIf(isNull(`inp.value`), NULL, `inp.value` <= toFloat32(200), 'good', `inp.value` <= toFloat32(500), 'needs-improvement', 'poor'),
    `ttfb.rating` LowCardinality(Nullable(String)) ALIAS multiIf(isNull(`ttfb.value`), NULL, `ttfb.value` <= toFloat32(800), 'good', `ttfb.value` <= toFloat32(1800), 'needs-improvement', 'poor')
)
ENGINE = MergeTree
PARTITION BY toDate(ts)
ORDER BY (dataset, hour, kind, ifNull(`page.route`, ''))
SETTINGS
    fsync_after_insert = 1,
    fsync_part_directory = 1
;

ALTER TABLE rollup_hours
    ADD COLUMN IF NOT EXISTS `narrow` SimpleAggregateFunction(max, UInt64)
;
