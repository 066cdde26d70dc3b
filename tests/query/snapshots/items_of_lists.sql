-- p0: Int64 = 1794816001000
-- p1: Int64 = 1794823201000
-- p2: String = 'shop'
SELECT
  (
  SELECT
    sum(length(`resources.duration`))
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
-- p3: String = 'page_view'
-- p4: String = 'script'
-- p5: Float32 = 500.0
SELECT
  nullIf(`resources.host`, '') AS b0,
  cityHash64(tuple(nullIf(`resources.host`, ''), nullIf(`resources.host`, '') IS NULL)) AS group_hash,
  toFloat64(toString(toFloat32(if(count(`resources.duration`) = 0, NULL, quantilesExact(9.99e-10, 0.569999999999, 0.689999999999, 0.729999999999, 0.742999999999, 0.747999999999, 0.7494999999990001, 0.749999999999, 0.750499999999, 0.751999999999, 0.756999999999, 0.769999999999, 0.8099999999990001, 0.9299999999990001, 0.999999999999)(`resources.duration`)[8])))) AS c0,
  sumIf(sample_rate, (`resources.duration` > {p5:Float32})) AS c1,
  toFloat64(toString(toFloat32(if(count(`lcp.value`) = 0, NULL, quantilesExact(9.99e-10, 0.569999999999, 0.689999999999, 0.729999999999, 0.742999999999, 0.747999999999, 0.7494999999990001, 0.749999999999, 0.750499999999, 0.751999999999, 0.756999999999, 0.769999999999, 0.8099999999990001, 0.9299999999990001, 0.999999999999)(`lcp.value`)[8])))) AS c2,
  toFloat64(count(`resources.duration`)) AS n0,
  arrayMap(x -> toFloat64(toString(toFloat32(x))), arrayMap(i -> quantilesExact(9.99e-10, 0.569999999999, 0.689999999999, 0.729999999999, 0.742999999999, 0.747999999999, 0.7494999999990001, 0.749999999999, 0.750499999999, 0.751999999999, 0.756999999999, 0.769999999999, 0.8099999999990001, 0.9299999999990001, 0.999999999999)(`resources.duration`)[i], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])) AS l0,
  toFloat64(count(`lcp.value`)) AS n2,
  arrayMap(x -> toFloat64(toString(toFloat32(x))), arrayMap(i -> quantilesExact(9.99e-10, 0.569999999999, 0.689999999999, 0.729999999999, 0.742999999999, 0.747999999999, 0.7494999999990001, 0.749999999999, 0.750499999999, 0.751999999999, 0.756999999999, 0.769999999999, 0.8099999999990001, 0.9299999999990001, 0.999999999999)(`lcp.value`)[i], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])) AS l2
FROM events FINAL
ARRAY JOIN `resources.duration`, `resources.initiator`, `resources.host`
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND (`kind` = {p3:String} AND nullIf(`resources.initiator`, '') = {p4:String})
GROUP BY nullIf(`resources.host`, '')
ORDER BY c0 DESC NULLS LAST, b0 ASC NULLS LAST
LIMIT 101
