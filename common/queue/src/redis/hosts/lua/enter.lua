-- May one more request to a host begin?
-- KEYS: 1 the host
-- ARGV: 1 requests a second, 2 burst, 3 longest wait for a token (ms), 4 how long a probe may
--       take (ms), 5 how long the host is remembered (ms)
-- Returns a word, how long to wait (ms), and the number of failures in a row.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local host = redis.call('HMGET', KEYS[1], 'tokens', 'filled_at', 'closed_until', 'open_until',
  'probed_until', 'failures')
local rate, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local failures = tonumber(host[6]) or 0

local closed_until = tonumber(host[3]) or 0
if now < closed_until then
  return { 'asked', closed_until - now, failures }
end

local open_until = tonumber(host[4])
if open_until and now < open_until then
  return { 'broken', open_until - now, failures }
end
if open_until and now < (tonumber(host[5]) or 0) then
  return { 'probed', 1000, failures }
end

local filled_at = tonumber(host[2]) or now
local gained = math.max(now - filled_at, 0) * rate / 1000
local tokens = math.min(burst, (tonumber(host[1]) or burst) + gained)
local wait = math.ceil(math.max(1 - tokens, 0) * 1000 / rate)
if wait > patience then
  return { 'fast', wait, failures }
end
redis.call('HSET', KEYS[1], 'tokens', tokens - 1, 'filled_at', now)
if open_until then
  redis.call('HSET', KEYS[1], 'probed_until', now + ARGV[4])
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return { open_until and 'probe' or 'pass', wait, failures }
