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
  grouping(bucket) AS is_result,
  intDiv(toUnixTimestamp(ts), 60) * 60 AS bucket,
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExact(0.749999999999, 0.949999999999)(`lcp.value`)[1])))) AS c0,
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExact(0.749999999999, 0.949999999999)(`lcp.value`)[2])))) AS c1,
  toFloat64(toString(toFloat32(if(count(`cls.value`) = 0, NULL, quantilesExact(0.749999999999)(`cls.value`)[1])))) AS c2
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
GROUP BY bucket WITH ROLLUP
ORDER BY is_result DESC, bucket
