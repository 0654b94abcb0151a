-- Passes messages on live while Redis refuses writes: writes nothing, so that it runs when memory is short.
-- KEYS: state. ARGV: token, count, then (channel, payload) of each item; channel '' publishes the payload on the control channel.
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return redis.error_reply('FENCED another gateway records') end
for i = 1, tonumber(ARGV[2]) do
  local channel, payload = ARGV[2 * i + 1], ARGV[2 * i + 2]
  if channel == '' then redis.call('PUBLISH', '{control}', payload)
  else redis.call('PUBLISH', '{envelope}' .. channel, '- 0 ' .. payload) end
end
return 1
