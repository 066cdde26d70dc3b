-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
SELECT
  id,
  kind,
  ts,
  toUnixTimestamp(toStartOfHour(ts)) AS hour,
  `resources.duration` AS o0
FROM events FINAL
ARRAY JOIN `resources.host`, `resources.duration`
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND (nullIf(`resources.host`, '') IS NOT NULL)
ORDER BY o0 DESC NULLS LAST, ts DESC, id, kind
LIMIT 1 BY id, kind, ts
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
  `page.path` AS v0,
  `resources.host` AS v1,
  arrayMap(x -> toFloat64(toString(toFloat32(x))), `resources.duration`) AS v2
FROM events FINAL
PREWHERE dataset = {p0:String}
  AND toStartOfHour(ts) IN {p1:Array(DateTime)}
  AND kind IN {p2:Array(String)}
  AND id IN {p3:Array(String)}
WHERE ts >= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
  AND ts <= fromUnixTimestamp64Milli({p4:Int64}, 'UTC')
