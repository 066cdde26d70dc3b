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
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExactWeighted(1e-09, 0.57, 0.69, 0.73, 0.743, 0.748, 0.7495, 0.75, 0.7505, 0.752, 0.757, 0.77, 0.81, 0.89, 0.93, 0.943, 0.948, 0.9495, 0.95, 0.9505, 0.952, 0.957, 0.97, 1.0)(`lcp.value`, sample_rate)[8])))) AS c0,
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExactWeighted(1e-09, 0.57, 0.69, 0.73, 0.743, 0.748, 0.7495, 0.75, 0.7505, 0.752, 0.757, 0.77, 0.81, 0.89, 0.93, 0.943, 0.948, 0.9495, 0.95, 0.9505, 0.952, 0.957, 0.97, 1.0)(`lcp.value`, sample_rate)[19])))) AS c1,
  toFloat64(toString(toFloat32(if(count(`cls.value`) = 0, NULL, quantilesExactWeighted(1e-09, 0.57, 0.69, 0.73, 0.743, 0.748, 0.7495, 0.75, 0.7505, 0.752, 0.757, 0.77, 0.81, 0.93, 1.0)(`cls.value`, sample_rate)[8])))) AS c2,
  ifNull(pow(sumIf(toFloat64(sample_rate), `lcp.value` IS NOT NULL), 2) / nullIf(sumIf(pow(sample_rate, 2), `lcp.value` IS NOT NULL), 0), 0) AS n0,
  arrayMap(x -> toFloat64(toString(toFloat32(x))), arrayMap(i -> quantilesExactWeighted(1e-09, 0.57, 0.69, 0.73, 0.743, 0.748, 0.7495, 0.75, 0.7505, 0.752, 0.757, 0.77, 0.81, 0.89, 0.93, 0.943, 0.948, 0.9495, 0.95, 0.9505, 0.952, 0.957, 0.97, 1.0)(`lcp.value`, sample_rate)[i], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 24])) AS l0,
  ifNull(pow(sumIf(toFloat64(sample_rate), `lcp.value` IS NOT NULL), 2) / nullIf(sumIf(pow(sample_rate, 2), `lcp.value` IS NOT NULL), 0), 0) AS n1,
  arrayMap(x -> toFloat64(toString(toFloat32(x))), arrayMap(i -> quantilesExactWeighted(1e-09, 0.57, 0.69, 0.73, 0.743, 0.748, 0.7495, 0.75, 0.7505, 0.752, 0.757, 0.77, 0.81, 0.89, 0.93, 0.943, 0.948, 0.9495, 0.95, 0.9505, 0.952, 0.957, 0.97, 1.0)(`lcp.value`, sample_rate)[i], [1, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24])) AS l1,
  ifNull(pow(sumIf(toFloat64(sample_rate), `cls.value` IS NOT NULL), 2) / nullIf(sumIf(pow(sample_rate, 2), `cls.value` IS NOT NULL), 0), 0) AS n2,
  arrayMap(x -> toFloat64(toString(toFloat32(x))), arrayMap(i -> quantilesExactWeighted(1e-09, 0.57, 0.69, 0.73, 0.743, 0.748, 0.7495, 0.75, 0.7505, 0.752, 0.757, 0.77, 0.81, 0.93, 1.0)(`cls.value`, sample_rate)[i], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])) AS l2
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
GROUP BY bucket WITH ROLLUP
ORDER BY is_result DESC, bucket
