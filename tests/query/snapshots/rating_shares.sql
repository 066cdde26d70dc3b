-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
-- p3: Bool = True
-- p4: String = 'good'
-- p5: String = 'poor'
SELECT
  toUInt64(0) AS group_hash,
  sumIf(sample_rate, (`lcp.rating` = {p4:String})) AS c0,
  sumIf(sample_rate, (`lcp.rating` = {p5:String})) AS c1
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND (NOT ifNull(`user_agent.is_bot` = {p3:Bool}, 0))
LIMIT 101
