CREATE TABLE IF NOT EXISTS erasures
(
    `at` DateTime64(3, 'UTC') DEFAULT now64(3),
    `document` String CODEC(ZSTD(1)),
    `hashes` Array(String) CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY at
TTL toDateTime(at) + INTERVAL 31 DAY
SETTINGS
    fsync_after_insert = 1,
    fsync_part_directory = 1
;
