-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
-- p3: String = 'page_view'
SELECT
  id,
  kind,
  ts,
  toUnixTimestamp(toStartOfHour(ts)) AS hour,
  `lcp.value` AS o0
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND (`kind` = {p3:String})
ORDER BY o0 DESC NULLS LAST, ts DESC, id, kind
LIMIT 51

-- p0: String = 'shop'
-- p1: Array(DateTime) = [1794823200]
-- p2: Array(String) = ['page_view']
-- p3: Array(String) = ['e1']
-- p4: Int64 = 1794823200000
-- p5: String = 'plan'
SELECT
  id,
  kind,
  ts,
  `page.path` AS v0,
  toFloat64(toString(toFloat32(`lcp.value`))) AS v1,
  if(mapContains(attrs_string, {p5:String}), attrs_string[{p5:String}], NULL) AS v2
FROM events FINAL
PREWHERE dataset = {p0:String}
  AND toStartOfHour(ts) IN {p1:Array(DateTime)}
  AND kind IN {p2:Array(String)}
  AND id IN {p3:Array(String)}
WHERE ts >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND ts <= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
