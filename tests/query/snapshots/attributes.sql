-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
-- p3: String = 'plan'
-- p4: String = 'cart.value'
-- p5: Float64 = 5.0
SELECT
  if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL) AS b0,
  cityHash64(tuple(if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL), if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL) IS NULL)) AS group_hash,
  sumOrNull(if(mapContains(attrs_number, {p4:String}), attrs_number[{p4:String}], NULL) * sample_rate) AS c0
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND (mapContains(attrs_string, {p3:String}) AND if(mapContains(attrs_number, {p4:String}), attrs_number[{p4:String}], NULL) > {p5:Float64})
GROUP BY if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL)
ORDER BY c0 DESC NULLS LAST, b0 ASC NULLS LAST
LIMIT 101
