-- What a request to a host met.
-- KEYS: 1 the host
-- ARGV: 1 the word, 2 how long it asked to be left alone (ms), 3 failures that open the breaker,
--       4 how long at first (ms), 5 how long at most (ms), 6 how long the host is remembered (ms)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

if ARGV[1] == 'answered' then
  redis.call('HDEL', KEYS[1], 'failures', 'open_until', 'open_for', 'probed_until')
elseif ARGV[1] == 'reopen' then
  redis.call('HDEL', KEYS[1], 'closed_until', 'failures', 'open_until', 'open_for', 'probed_until')
elseif ARGV[1] == 'abandoned' then
  redis.call('HDEL', KEYS[1], 'probed_until')
elseif ARGV[1] == 'asked' then
  local before = tonumber(redis.call('HGET', KEYS[1], 'closed_until')) or 0
  redis.call('HSET', KEYS[1], 'closed_until', math.max(before, now + ARGV[2]))
else
  local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
  local open_until = tonumber(redis.call('HGET', KEYS[1], 'open_until'))
  local open_for
  if open_until and now >= open_until then
    open_for = math.min(2 * redis.call('HGET', KEYS[1], 'open_for'), tonumber(ARGV[5]))
  elseif not open_until and failures >= tonumber(ARGV[3]) then
    open_for = tonumber(ARGV[4])
  end
  -- Stragglers that began before it opened say nothing new.
  if open_for then
    redis.call('HSET', KEYS[1], 'open_until', now + open_for, 'open_for', open_for)
    redis.call('HDEL', KEYS[1], 'probed_until')
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
