ALTER TABLE events
    ADD COLUMN IF NOT EXISTS `check.tags` LowCardinality(Nullable(String)) CODEC(ZSTD(1));
