-- p0: Int64 = 1794816001000
-- p1: Int64 = 1794823201000
-- p2: String = 'shop'
SELECT
  (
  SELECT
    count()
  FROM events
  WHERE dataset = {p2:String}
    AND toStartOfHour(ts) >= toStartOfHour(fromUnixTimestamp64Milli({p0:Int64}, 'UTC'))
    AND toStartOfHour(ts) <= toStartOfHour(fromUnixTimestamp64Milli({p1:Int64}, 'UTC'))
  ) AS stored_rows,
  EXISTS (
  SELECT
    1
  FROM events
  WHERE dataset = {p2:String}
    AND toStartOfHour(ts) >= toStartOfHour(fromUnixTimestamp64Milli({p0:Int64}, 'UTC'))
    AND toStartOfHour(ts) <= toStartOfHour(fromUnixTimestamp64Milli({p1:Int64}, 'UTC'))
    AND sample_rate > 1
  ) AS is_sampled

-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
SELECT
  `device.type` AS b0,
  toFloat64(toString(toFloat32(`resource.count`))) AS b1,
  cityHash64(tuple(`device.type`, `resource.count`, `device.type` IS NULL, `resource.count` IS NULL)) AS group_hash,
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExact(9.99e-10, 0.569999999999, 0.689999999999, 0.729999999999, 0.742999999999, 0.747999999999, 0.7494999999990001, 0.749999999999, 0.750499999999, 0.751999999999, 0.756999999999, 0.769999999999, 0.8099999999990001, 0.9299999999990001, 0.999999999999)(`lcp.value`)[8])))) AS c0,
  toFloat64(count(`lcp.value`)) AS n0,
  arrayMap(x -> toFloat64(toString(toFloat32(x))), arrayMap(i -> quantilesExact(9.99e-10, 0.569999999999, 0.689999999999, 0.729999999999, 0.742999999999, 0.747999999999, 0.7494999999990001, 0.749999999999, 0.750499999999, 0.751999999999, 0.756999999999, 0.769999999999, 0.8099999999990001, 0.9299999999990001, 0.999999999999)(`lcp.value`)[i], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])) AS l0
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
GROUP BY `device.type`, `resource.count`
ORDER BY c0 DESC NULLS LAST, b0 ASC NULLS LAST, b1 ASC NULLS LAST
LIMIT 101

-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
-- p3: Array(UInt64) = [77]
SELECT
  intDiv(toUnixTimestamp(ts), 60) * 60 AS bucket,
  cityHash64(tuple(`device.type`, `resource.count`, `device.type` IS NULL, `resource.count` IS NULL)) AS group_hash,
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExact(0.749999999999)(`lcp.value`)[1])))) AS c0
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND cityHash64(tuple(`device.type`, `resource.count`, `device.type` IS NULL, `resource.count` IS NULL)) IN {p3:Array(UInt64)}
GROUP BY bucket, `device.type`, `resource.count`
ORDER BY bucket
LIMIT 100001
