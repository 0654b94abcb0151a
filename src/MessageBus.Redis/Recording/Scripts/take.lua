-- Takes the recorder's token, and says so on the control channel.
-- KEYS: state. ARGV: expected token or '', new token, cold 0/1, new epoch. Returns 1, or 0 where another token is there.
local token = redis.call('HGET', KEYS[1], 't')
if (token or '') ~= ARGV[1] then return 0 end
local cold = ARGV[3]
-- After FLUSHALL, or on an empty Redis, no gateway may claim to be in step.
if not token then cold = '1' end
redis.call('HSET', KEYS[1], 't', ARGV[2])
if cold == '1' then redis.call('HSET', KEYS[1], 'E', ARGV[4]) end
redis.call('PUBLISH', '{control}', 'took ' .. ARGV[2] .. ' ' .. cold)
return 1
