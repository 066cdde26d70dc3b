#!/bin/sh
# Makes the ClickHouse user with which Grafana reads, as docs/grafana.md has it. The image runs this when its volume is empty.
set -eu

# A hash is all that the server has to know, and has no characters that would end a text in SQL.
hash=$(tr -d '\r\n' < /run/secrets/grafana-password | sha256sum | cut -d ' ' -f 1)

clickhouse client --user "$CLICKHOUSE_USER" --password "$CLICKHOUSE_PASSWORD" --multiquery --query "
CREATE SETTINGS PROFILE IF NOT EXISTS grafana SETTINGS
  session_timezone = 'UTC',
  do_not_merge_across_partitions_select_final = 1,
  optimize_move_to_prewhere_if_final = 1,
  max_memory_usage = 4000000000,
  max_execution_time = 30 CHANGEABLE_IN_READONLY,
  readonly = 1;
CREATE USER IF NOT EXISTS grafana IDENTIFIED WITH sha256_hash BY '$hash' SETTINGS PROFILE 'grafana';
GRANT SELECT ON wideload.events TO grafana;
"
