-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
SELECT
  id,
  kind,
  ts,
  toUnixTimestamp(toStartOfHour(ts)) AS hour
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
ORDER BY ts DESC, id, kind
LIMIT 51

-- p0: String = 'shop'
-- p1: Array(DateTime) = [1794823200]
-- p2: Array(String) = ['page_view']
-- p3: Array(String) = ['e1']
-- p4: Int64 = 1794823200000
SELECT
  id,
  kind,
  ts,
  *
FROM events FINAL
PREWHERE dataset = {p0:String}
  AND toStartOfHour(ts) IN {p1:Array(DateTime)}
  AND kind IN {p2:Array(String)}
  AND id IN {p3:Array(String)}
WHERE ts >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND ts <= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
SETTINGS asterisk_include_materialized_columns = 1, asterisk_include_alias_columns = 1
