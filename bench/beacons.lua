-- wrk script: posts one beacon after another, each with a new event id. The body comes from the file that BEACON_BODY names.
local file = io.open(os.getenv("BEACON_BODY"), "rb")
local body = file:read("*a")
file:close()
local from, to = body:find("@@ID@@", 1, true)
local before, after = body:sub(1, from - 1), body:sub(to + 1)
local run = os.getenv("BEACON_RUN")
local n = 0

wrk.method = "POST"
wrk.headers["Content-Type"] = "text/plain;charset=UTF-8"
wrk.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"

request = function()
  n = n + 1
  return wrk.format(nil, nil, nil, before .. run .. string.format("-0000-4000-8000-%012x", n) .. after)
end
