-- Records a batch, in order, where the token is still the recorder's: assigns offsets, stores, publishes the envelopes.
-- KEYS: state, then (meta, log) of each item.
-- ARGV: token, count, then (channel, size, age in ms, position age in ms, payload) of each item; channel '' publishes the payload on the control channel.
local state = redis.call('HMGET', KEYS[1], 't', 'E')
if state[1] ~= ARGV[1] then return redis.error_reply('FENCED another gateway records') end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = string.format('%.0f', now)
for i = 1, tonumber(ARGV[2]) do
  local at, meta, log = 5 * i - 2, KEYS[2 * i], KEYS[2 * i + 1]
  local channel, payload = ARGV[at], ARGV[at + 4]
  if channel == '' then
    redis.call('PUBLISH', '{control}', payload)
  else
    local known = redis.call('HMGET', meta, 'E', 'e')
    local epoch = known[2]
    if known[1] ~= state[2] then
      -- The channel's first use, or its first under this epoch: one offset is spent on a mark that messages may be missing here.
      epoch = state[2] .. '.' .. redis.call('HINCRBY', KEYS[1], 'n', 1)
      if known[1] then
        redis.call('HINCRBY', meta, 'o', 1)
        redis.call('RPUSH', log, stamp .. '!')
      else
        redis.call('DEL', log)
      end
      redis.call('HSET', meta, 'E', state[2], 'e', epoch)
    end
    local offset = redis.call('HINCRBY', meta, 'o', 1)
    local length = redis.call('RPUSH', log, stamp .. ':' .. payload)
    if length > tonumber(ARGV[at + 1]) then redis.call('LTRIM', log, -ARGV[at + 1], -1) end
    redis.call('PEXPIRE', log, ARGV[at + 2])
    redis.call('PEXPIRE', meta, ARGV[at + 3])
    redis.call('PUBLISH', '{envelope}' .. channel, epoch .. ' ' .. string.format('%.0f', offset) .. ' ' .. payload)
    if offset % 16 == 0 then
      -- Entries over the age go here; readers skip the few that are left.
      while true do
        local head = redis.call('LINDEX', log, 0)
        if not head or tonumber(string.match(head, '^%d+')) >= now - ARGV[at + 2] then break end
        redis.call('LPOP', log)
      end
    end
  end
end
return 1
