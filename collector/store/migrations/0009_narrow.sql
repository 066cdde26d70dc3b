CREATE TABLE IF NOT EXISTS narrow
(
    `dataset` LowCardinality(String) CODEC(ZSTD(1)),
    `hour` DateTime('UTC') CODEC(Delta, ZSTD(1)),
    `built` UInt64 CODEC(ZSTD(1)),
    `ts` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `sample_rate` UInt32 CODEC(ZSTD(1)),
    `kind` LowCardinality(String) CODEC(ZSTD(1)),
    `page.route` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `navigation.type` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `user_agent.is_bot` Nullable(Bool) CODEC(ZSTD(1)),
    `device.type` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `browser.name` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `os.name` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `geo.country.iso_code` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `service.version` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `fcp.value` Nullable(Float32) CODEC(ZSTD(1)),
    `lcp.value` Nullable(Float32) CODEC(ZSTD(1)),
    `cls.value` Nullable(Float32) CODEC(ZSTD(1)),
    `inp.value` Nullable(Float32) CODEC(ZSTD(1)),
    `ttfb.value` Nullable(Float32) CODEC(ZSTD(1)),
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
