-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
-- p3: String = 'v'
-- p4: String = '12'
-- p5: Float64 = 12.0
SELECT
  coalesce(if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL), toString(if(mapContains(attrs_number, {p3:String}), attrs_number[{p3:String}], NULL)), toString(if(mapContains(attrs_bool, {p3:String}), attrs_bool[{p3:String}], NULL))) AS b0,
  cityHash64(tuple(coalesce(if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL), toString(if(mapContains(attrs_number, {p3:String}), attrs_number[{p3:String}], NULL)), toString(if(mapContains(attrs_bool, {p3:String}), attrs_bool[{p3:String}], NULL))), coalesce(if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL), toString(if(mapContains(attrs_number, {p3:String}), attrs_number[{p3:String}], NULL)), toString(if(mapContains(attrs_bool, {p3:String}), attrs_bool[{p3:String}], NULL))) IS NULL)) AS group_hash,
  avgWeightedOrNull(if(mapContains(attrs_number, {p3:String}), attrs_number[{p3:String}], NULL), toFloat64(sample_rate)) AS c0
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND ((if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL) = {p4:String} OR if(mapContains(attrs_number, {p3:String}), attrs_number[{p3:String}], NULL) = {p5:Float64}))
GROUP BY coalesce(if(mapContains(attrs_string, {p3:String}), attrs_string[{p3:String}], NULL), toString(if(mapContains(attrs_number, {p3:String}), attrs_number[{p3:String}], NULL)), toString(if(mapContains(attrs_bool, {p3:String}), attrs_bool[{p3:String}], NULL)))
ORDER BY c0 DESC NULLS LAST, b0 ASC NULLS LAST
LIMIT 101
