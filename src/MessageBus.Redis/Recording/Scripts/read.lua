-- Reads a channel's position and a part of its log.
-- KEYS: state, meta, log. ARGV: after (an offset, exclusive; '' = only the position; 'last'), limit, age in ms, position age in ms.
-- Returns {epoch, top offset, offset of the first entry or 0, entries}; {''} where no gateway has recorded yet.
local recorded = redis.call('HGET', KEYS[1], 'E')
if not recorded then return {''} end
local meta = redis.call('HMGET', KEYS[2], 'E', 'e', 'o')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local epoch, top = meta[2], tonumber(meta[3] or 0)
if meta[1] ~= recorded then
  -- A silent channel has a position too, and hears of a new epoch.
  epoch = recorded .. '.' .. redis.call('HINCRBY', KEYS[1], 'n', 1)
  if meta[1] then
    top = top + 1
    redis.call('RPUSH', KEYS[3], string.format('%.0f!', now))
    redis.call('PEXPIRE', KEYS[3], ARGV[3])
  else
    redis.call('DEL', KEYS[3])
  end
  redis.call('HSET', KEYS[2], 'E', recorded, 'e', epoch, 'o', string.format('%.0f', top))
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
local length, entries, first = redis.call('LLEN', KEYS[3]), {}, 0
local base = top - length
if ARGV[1] ~= '' then
  local from = ARGV[1] == 'last' and math.max(length - ARGV[2], 0) or math.max(ARGV[1] - base, 0)
  for i, entry in ipairs(redis.call('LRANGE', KEYS[3], from, from + ARGV[2] - 1)) do
    if tonumber(string.match(entry, '^%d+')) >= now - ARGV[3] then
      if first == 0 then first = base + from + i end
      entries[#entries + 1] = entry
    end
  end
end
return {epoch, string.format('%.0f', top), string.format('%.0f', first), entries}
