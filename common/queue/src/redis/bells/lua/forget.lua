-- Deletes a worker that has ended, and the bells it held.
-- KEYS: 1 what it holds, 2 data, 3 prefix of the bells' own keys, 4 workers, 5 its description
-- ARGV: 1 its name
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  redis.call('HDEL', KEYS[2], id)
  redis.call('DEL', KEYS[3] .. ':' .. id)
end
redis.call('DEL', KEYS[1], KEYS[5])
redis.call('ZREM', KEYS[4], ARGV[1])
