ALTER TABLE events
    ADD COLUMN IF NOT EXISTS `check.row` Nullable(Float32) CODEC(ZSTD(1));
