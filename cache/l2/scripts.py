"""What the server does in one step: Lua that compares versions, leases and floors.

Each script gets the floor's name as its only key; the others are arguments, because in a cluster
the keys of one batch lie in several slots of one node. Scripts are sent as text, which spares the
bookkeeping of a cache that the server forgets when it restarts.
"""

from typing import Final

from cache.l2.head import (
    CHECK_BASE,
    CHECK_MODULUS,
    HEAD_BYTES,
    MAX_VERSION,
    MIN_VERSION,
    TOMBSTONE,
)
from cache.tier import TOMBSTONE_S

_TOMBSTONE_MS: Final = int(TOMBSTONE_S * 1000)

_FLOOR_MS: Final = 7 * 86_400_000
"""A floor outlives its namespace's last use by a week: one that is lost is never begun again."""

_COMMON: Final = f"""
local TOMBSTONE_MS, FLOOR_MS = {_TOMBSTONE_MS}, {_FLOOR_MS}
local MIN, MAX = {MIN_VERSION}, {MAX_VERSION}
local TOMBSTONE, OTHER = '{TOMBSTONE.decode()}', 'other'
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
-- A version of the server's own: it grows faster than anybody writes a key, also where the server
-- has lost all that was there before, and is always below the microseconds that L3 gives.
local own = MIN + math.floor((time[1] * 1000000 + time[2]) / 10)

local function fails_with(reply, code)
  return type(reply) == 'table' and reply.err and string.find(reply.err, code, 1, true)
end

-- What another program keeps under our names is as good as nothing; other errors end the script.
local function ask(...)
  local reply = redis.pcall(...)
  if fails_with(reply, 'WRONGTYPE') then return false end
  if type(reply) == 'table' and reply.err then error(reply) end
  return reply
end

local function text_of(version)
  return string.format('%016.0f', version)
end

local function head_of(form, version)
  local check = {CHECK_BASE} + math.fmod(version, {CHECK_MODULUS})
  return '[' .. form .. ',' .. text_of(version) .. ',' .. check
end

-- The version and the form of what lies under a name; of no envelope, and of a damaged one, 0.
-- What is no string at all has the form OTHER.
local function version_of(name)
  local head = ask('GETRANGE', name, 0, {HEAD_BYTES - 1})
  if not head then return 0, OTHER end
  local form, digits = string.match(head, '^%[([567]),(%d+),%d+$')
  local version = tonumber(digits or 0)
  if version > MAX or not form or head ~= head_of(form, version) then return 0, '' end
  return version, form
end

local floor = tonumber(ask('GET', KEYS[1]) or 0) or 0
if floor < 0 or floor > MAX then floor = 0 end

-- A tag's set holds each name until its value has ended, and lives as long as its longest member.
local function index(prefix, tags, name, ttl_ms)
  if tags == '' then return end
  local ends = ttl_ms == '' and 'inf' or now_ms + ttl_ms + TOMBSTONE_MS
  for _, tag in ipairs(cjson.decode(tags)) do
    local set = prefix .. tag
    if ask('ZADD', set, 'GT', ends, name) == false then
      redis.call('DEL', set)
      redis.call('ZADD', set, ends, name)
    end
    redis.call('ZREMRANGEBYSCORE', set, '-inf', '(' .. now_ms)
    local last = redis.call('ZRANGE', set, -1, -1, 'WITHSCORES')[2]
    if last == 'inf' then
      redis.call('PERSIST', set)
    else
      redis.call('PEXPIREAT', set, last)
    end
  end
end
"""

STORE: Final = (
    _COMMON
    + """
-- ARGV: not after (ms), prefix of tags, then for each value: s (set), p (promotion) or f (fill)
-- with the envelope's form, name, version (0: choose), ttl (ms), floor, lease, tags, what follows
-- the version and its check in the envelope, and in a tombstone
local late = now_ms > tonumber(ARGV[1])
local is_full = false
local results = {}

local function keep(name, envelope, ttl_ms)
  local reply
  if ttl_ms == '' then
    reply = redis.pcall('SET', name, envelope)
  else
    reply = redis.pcall('SET', name, envelope, 'PX', ttl_ms)
  end
  if type(reply) == 'table' and reply.err then
    if not fails_with(reply, 'OOM') then error(reply) end
    is_full = true
  end
end

for i = 3, #ARGV, 9 do
  local kind, form = string.sub(ARGV[i], 1, 1), string.sub(ARGV[i], 2)
  local name, version, ttl_ms = ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  local lease, token = 'lease~' .. name, ARGV[i + 5]
  local existing, existing_form = version_of(name)
  local is_held = kind == 'f' and string.sub(ask('GET', lease) or '', 1, #token) == token
  if version == 0 then version = math.max(existing + 1, floor + 1, own) end

  local has_floor = tonumber(ARGV[i + 4]) == floor
  local may_store, must_delete = version > existing, late
  if kind == 's' then
    may_store = may_store and version > floor
    -- A clear has taken the tags that were noted for it.
    must_delete = late or (ARGV[i + 4] ~= '' and not has_floor)
  else
    may_store = may_store and not late and has_floor and (kind == 'p' or is_held)
  end

  local result = 0
  if may_store and must_delete then
    keep(name, head_of(TOMBSTONE, version) .. ARGV[i + 8], TOMBSTONE_MS)
  elseif may_store then
    if not is_full then
      keep(name, head_of(form, version) .. ARGV[i + 7], ttl_ms)
    end
    if not is_full then
      index(ARGV[2], ARGV[i + 6], name, ttl_ms)
      result = version
    end
  elseif version == existing and existing_form ~= TOMBSTONE then
    result = version
  end
  -- A server without memory keeps no older value in place of the one that it can't take.
  if is_full and may_store then redis.call('UNLINK', name) end
  if kind == 's' or is_held then redis.call('UNLINK', lease) end
  results[#results + 1] = result
end
return results
"""
)

LEASE: Final = (
    _COMMON
    + """
-- ARGV: lease (ms), prefix of tags, token, then for each key: name, newer than, tags
-- Returns the floor, then for each key a value, 1 (granted), 2 (granted, and what lies there is no
-- string), or 0 (another holds the lease)
local results = {floor}
for i = 4, #ARGV, 3 do
  local name, tags = ARGV[i], ARGV[i + 2]
  local version, form = version_of(name)
  if version > tonumber(ARGV[i + 1]) and form ~= TOMBSTONE then
    results[#results + 1] = redis.call('GET', name)
  else
    local reply = redis.pcall('SET', 'lease~' .. name, ARGV[3] .. tags, 'NX', 'PX', ARGV[1])
    if reply == false then
      results[#results + 1] = 0
    elseif fails_with(reply, 'OOM') then
      -- Who is granted a lease that can't be kept may load, but will not fill.
      results[#results + 1] = 1
    elseif reply.err then
      error(reply)
    else
      index(ARGV[2], tags, name, ARGV[1])
      results[#results + 1] = form == OTHER and 2 or 1
    end
  end
end
return results
"""
)

RENEW: Final = (
    _COMMON
    + """
-- ARGV: lease (ms; 0 ends it), prefix of tags, then for each lease: name, token
for i = 3, #ARGV, 2 do
  local lease, token = 'lease~' .. ARGV[i], ARGV[i + 1]
  local held = ask('GET', lease) or ''
  if string.sub(held, 1, #token) == token then
    if ARGV[1] == '0' then
      redis.call('UNLINK', lease)
    else
      redis.call('PEXPIRE', lease, ARGV[1])
      index(ARGV[2], string.sub(held, #token + 1), ARGV[i], ARGV[1])
    end
  end
end
return redis.status_reply('OK')
"""
)

INDEX: Final = (
    _COMMON
    + """
-- ARGV: for each key: name, ttl (ms), names of the sets of its tags
-- Returns the floor.
for i = 1, #ARGV, 3 do index('', ARGV[i + 2], ARGV[i], ARGV[i + 1]) end
return floor
"""
)

DISCARD: Final = (
    _COMMON
    + f"""
-- ARGV: for each key: name, and how what can't be read begins
for i = 1, #ARGV, 2 do
  if ask('GETRANGE', ARGV[i], 0, {HEAD_BYTES - 1}) == ARGV[i + 1] then
    redis.call('UNLINK', ARGV[i])
  end
end
return redis.status_reply('OK')
"""
)

CLEAR: Final = (
    _COMMON
    + """
-- ARGV: the version that L3 gave the clearing, or 0
floor = math.max(floor + 1, own, tonumber(ARGV[1]))
redis.call('SET', KEYS[1], text_of(floor), 'PX', FLOOR_MS)
return floor
"""
)

ENTER: Final = (
    _COMMON
    + """
-- A namespace without a floor gets one that it never had before.
if floor == 0 then
  local reply = redis.pcall('SET', KEYS[1], text_of(own), 'PX', FLOOR_MS)
  if reply.err and not fails_with(reply, 'OOM') then error(reply) end
else
  redis.call('PEXPIRE', KEYS[1], FLOOR_MS)
end
return redis.status_reply('OK')
"""
)

RAISE: Final = (
    _COMMON
    + """
-- ARGV: the least floor
floor = math.max(floor, tonumber(ARGV[1]))
redis.call('SET', KEYS[1], text_of(floor), 'PX', FLOOR_MS)
return floor
"""
)
