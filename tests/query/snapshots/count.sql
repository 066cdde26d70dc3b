-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
SELECT
  grouping(bucket) AS is_result,
  intDiv(toUnixTimestamp(ts), 60) * 60 AS bucket,
  sum(sample_rate) AS c0
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
GROUP BY bucket WITH ROLLUP
ORDER BY is_result DESC, bucket
