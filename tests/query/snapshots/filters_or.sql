-- p0: String = 'shop'
-- p1: Int64 = 1794816001000
-- p2: Int64 = 1794823201000
-- p3: Array(String) = ['/', '/cart']
-- p4: String = '/admin'
-- p5: Float32 = 123.3
-- p6: Int64 = 1794819600000
SELECT
  toUInt64(0) AS group_hash,
  sum(sample_rate) AS c0
FROM events FINAL
WHERE dataset = {p0:String}
  AND ts >= fromUnixTimestamp64Milli({p1:Int64}, 'UTC')
  AND ts < fromUnixTimestamp64Milli({p2:Int64}, 'UTC')
  AND (`page.path` IN {p3:Array(String)} OR NOT ifNull(startsWith(`page.path`, {p4:String}), 0) OR `lcp.value` >= {p5:Float32} OR toUnixTimestamp64Milli(`ts`) < {p6:Int64} OR NOT ifNull(`lcp.url` IS NOT NULL, 0))
LIMIT 101
