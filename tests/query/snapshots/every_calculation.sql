-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
SELECT
  toUInt64(0) AS group_hash,
  if(abs(sumOrNull(`lcp.value` * sample_rate)) < 1e6, toFloat64(toString(toFloat32(sumOrNull(`lcp.value` * sample_rate)))), round(sumOrNull(`lcp.value` * sample_rate), 1)) AS c0,
  toFloat64(toString(toFloat32(avgWeightedOrNull(`lcp.value`, toFloat64(sample_rate))))) AS c1,
  toFloat64(toString(toFloat32(minOrNull(`lcp.value`)))) AS c2,
  toFloat64(toString(toFloat32(maxOrNull(`lcp.value`)))) AS c3,
  uniq(`lcp.value`) AS c4
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
LIMIT 101
