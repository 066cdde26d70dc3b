-- oldest: 5
CREATE TABLE IF NOT EXISTS rollups
(
    `dataset` LowCardinality(String) CODEC(ZSTD(1)),
    `hour` DateTime('UTC') CODEC(Delta, ZSTD(1)),
    `span` UInt16 CODEC(ZSTD(1)),
    `ts` DateTime('UTC') CODEC(Delta, ZSTD(1)),
    `built` UInt64 CODEC(ZSTD(1)),
    `kind` LowCardinality(String) CODEC(ZSTD(1)),
    `navigation.type` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `user_agent.is_bot` Nullable(Bool) CODEC(ZSTD(1)),
    `device.type` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `metric` LowCardinality(String) CODEC(ZSTD(1)),
    `rating` LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    `value` Float32 CODEC(ZSTD(1)),
    `low` Float32 CODEC(ZSTD(1)),
    `high` Float32 CODEC(ZSTD(1)),
    `events` UInt64 CODEC(ZSTD(1)),
    `squares` Float64 CODEC(ZSTD(1)),
    `total` Float64 CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(ts)
ORDER BY (dataset, span, hour, metric, ts)
SETTINGS
    fsync_after_insert = 1,
    fsync_part_directory = 1
;

CREATE TABLE IF NOT EXISTS rollup_hours
(
    `dataset` LowCardinality(String),
    `hour` DateTime('UTC'),
    `changed` SimpleAggregateFunction(max, UInt64),
    `built` SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY (dataset, hour)
SETTINGS
    fsync_after_insert = 1,
    fsync_part_directory = 1
;

INSERT INTO rollup_hours (dataset, hour, changed, built)
SELECT dataset, toStartOfHour(ts), toUnixTimestamp64Micro(now64(6)), 0
FROM events
GROUP BY 1, 2
;
