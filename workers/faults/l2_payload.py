"""The faults `l2_corrupt`, `l2_truncated`, `l2_foreign` and `l2_oversized`.

Values under the job's own keys are spoiled, and again wherever the cache has replaced them. They
touch nothing else, so that a shared server may be used. What still stands at the end is removed.

    SCAN -> a share of the keys -> their values -> still ours? -> SET ... XX KEEPTTL -> look
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Final

from redis.asyncio import Redis

from pipeline.fault import Fault
from workers.errors import FaultError
from workers.faults.ground import Ground
from workers.faults.l2_keys import Keys
from workers.faults.l2_server import admin, any_l2
from workers.faults.l2_spoiled import HASH, LIST, SPOILS
from workers.faults.repeating import Repeating

_EVERY_S: Final = 0.05
_BATCH: Final = 200
# Together 128 MiB: others may use the server too, and this machine has to hold them.
_MOST_OVERSIZED: Final = 32
# Enough of a value of some MiB to know it again.
_GLANCE_BYTES: Final = 64

_OTHER_TYPES: Final = {LIST: ("RPUSH", "strange"), HASH: ("HSET", "strange", "too")}
_RETYPE: Final = """
local ttl_ms = redis.call('PTTL', KEYS[1])
if ttl_ms == -2 then return end
redis.call('DEL', KEYS[1])
redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))
if ttl_ms > 0 then redis.call('PEXPIRE', KEYS[1], ttl_ms) end
"""
_STANDING: Final = """
-- ARGV: remove or count, then for each key the SHA-1 of a payload, or nothing for another type
local standing = 0
for i, name in ipairs(KEYS) do
  local value = redis.pcall('GET', name)
  local is_other = type(value) == 'table' and value.err ~= nil
  local sha1 = type(value) == 'string' and redis.sha1hex(value)
  if sha1 == ARGV[i + 1] or (is_other and ARGV[i + 1] == '') then
    standing = standing + 1
    if ARGV[1] == 'remove' then redis.call('UNLINK', name) end
  end
end
return standing
"""


class L2Payload:
    """Spoils a share of the values, over and over."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = any_l2(plan, ground)
        self._spoil = SPOILS[plan.kind]
        self._last = _GLANCE_BYTES - 1 if plan.kind == "l2_oversized" else -1
        self._keys = Keys(ground.namespace, plan.figure("share"), ground.seed)
        self._written: dict[bytes, bytes] = {}
        self._most_keys = _MOST_OVERSIZED if plan.kind == "l2_oversized" else None
        self._was_seen = self._is_over = False
        self._spoiling = Repeating(self._spoil_again, _EVERY_S)

    async def inject(self) -> None:
        """Begin."""
        self._spoiling.begin()

    async def undo(self) -> None:
        """End, and remove what still stands; where L2 is away now, later looks do so."""
        self._is_over = True
        try:
            await self._spoiling.end()
        finally:
            with suppress(FaultError):
                await self._standing()

    async def is_effective(self) -> bool:
        """Whether one was read back as it was spoiled."""
        return self._was_seen

    async def is_cleared(self) -> bool:
        """Whether none of them stands."""
        try:
            return await self._standing() == 0
        except FaultError:
            # Another fault may have taken the server away for a while.
            return False

    async def _spoil_again(self) -> None:
        async with admin(self._l2.url) as client:
            for names in _batches(self._met(await self._keys.names(client))):
                await self._spoil_some(client, names)

    async def _spoil_some(self, client: Redis, names: list[bytes]) -> None:
        values = await self._values(client, names)
        spoiled = {
            name: self._spoil(self._keys.key(name), value, list(values.values()))
            for name, value in values.items()
            if not self._is_ours(name, value)
        }
        if spoiled:
            self._written.update(spoiled)
            await _put(client, spoiled)
            seen = await self._values(client, spoiled)
            self._was_seen |= any(self._is_ours(*each) for each in seen.items())

    async def _values(self, client: Redis, names: Iterable[bytes]) -> dict[bytes, bytes]:
        """What lies under names now; of large ones only the begin, of other types what they are."""
        wanted = list(names)
        async with client.pipeline(transaction=False) as commands:
            for name in wanted:
                commands.getrange(name, 0, self._last)
            replies = await commands.execute(raise_on_error=False)
        found = {}
        for name, reply in zip(wanted, replies, strict=True):
            value = self._written.get(name) if isinstance(reply, Exception) else reply
            if value is not None:
                found[name] = value
        return found

    def _is_ours(self, name: bytes, value: bytes) -> bool:
        written = self._written.get(name)
        if written is None:
            return False
        return value == (written if self._last < 0 else written[: self._last + 1])

    def _met(self, names: Sequence[bytes]) -> list[bytes]:
        """Those of the names that are spoiled: of large values a few, the same ones each time."""
        if self._most_keys is None:
            return list(names)
        known = [name for name in names if name in self._written]
        new = [name for name in names if name not in self._written]
        return known + new[: self._most_keys - len(self._written)]

    async def _standing(self) -> int:
        """Count what this fault has written and nobody has replaced; once it is over, remove it."""
        count, do = 0, "remove" if self._is_over else "count"
        async with admin(self._l2.url) as client:
            for names in _batches(self._written):
                marks = (_mark(self._written[name]) for name in names)
                count += await client.eval(_STANDING, len(names), *names, do, *marks)
        return count


async def _put(client: Redis, payloads: Mapping[bytes, bytes]) -> None:
    """Write in the places of values that are still there, and leave their time to live."""
    async with client.pipeline(transaction=False) as commands:
        for name, payload in payloads.items():
            if payload in _OTHER_TYPES:
                commands.eval(_RETYPE, 1, name, *_OTHER_TYPES[payload])
            else:
                commands.set(name, payload, xx=True, keepttl=True)
        await commands.execute()


def _mark(payload: bytes) -> str:
    return "" if payload in _OTHER_TYPES else sha1(payload, usedforsecurity=False).hexdigest()


def _batches(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(names)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch
