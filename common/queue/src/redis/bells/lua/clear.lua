-- Deletes spent bells; returns how many.
-- KEYS: 1 done, 2 dead, 3 data, 4 prefix of the bells' own keys, 5 scheduled, 6 active,
--       7 workers, 8 prefix of what each worker holds, 9 the calling worker's description
-- ARGV: 1 most at once, 2 how long the description is kept (ms)
local count = 0

local function delete(ids)
  for _, id in ipairs(ids) do
    redis.call('HDEL', KEYS[3], id)
    redis.call('DEL', KEYS[4] .. ':' .. id)
  end
  count = count + #ids
end

redis.call('PEXPIRE', KEYS[9], ARGV[2])
delete(redis.call('SPOP', KEYS[1], ARGV[1]))
delete(redis.call('SPOP', KEYS[2], ARGV[1]))

-- If none lies there and nobody holds one, those that are left lost their place in a failure.
if redis.call('ZCARD', KEYS[5]) + redis.call('LLEN', KEYS[6]) > 0 then
  return count
end
for _, worker in ipairs(redis.call('ZRANGE', KEYS[7], 0, -1)) do
  if redis.call('SCARD', KEYS[8] .. ':' .. worker) > 0 then
    return count
  end
end
delete(redis.call('HRANDFIELD', KEYS[3], ARGV[1]))
return count
