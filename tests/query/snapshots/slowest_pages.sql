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
-- p3: Float64 = 10
SELECT
  `page.path` AS b0,
  cityHash64(tuple(`page.path`, `page.path` IS NULL)) AS group_hash,
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExact(0.749999999999)(`lcp.value`)[1])))) AS c0,
  sum(sample_rate) AS c1
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
GROUP BY `page.path`
HAVING ifNull(c1 >= {p3:Float64}, 0)
ORDER BY c0 DESC NULLS LAST, b0 ASC NULLS LAST
LIMIT 21
