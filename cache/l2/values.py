"""The values of one namespace on one server: read with MGET, written by a script.

set, fill -> script: is the version higher, does the lease stand? -> SET
delete    -> UNLINK of the lease, SET of a tombstone: plain commands, which are not echoed
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from coredis.exceptions import ResponseError

from cache.l2 import scripts
from cache.l2.batches import batches, chunks
from cache.l2.envelope import open_envelopes, tombstone
from cache.l2.head import HEAD_BYTES, version_in
from cache.l2.link import Argument, Reply
from cache.l2.session import Session, checked
from cache.tier import LATEST_S, TOMBSTONE_S, Entry, Found, Write

_TOMBSTONE_MS: Final = int(TOMBSTONE_S * 1000)


class Sent(NamedTuple):
    """Writes on their way.

    Attributes:
        storing: For each script the keys that it stores, and its reply.
        deleting: The same for the names that are deleted.
        deletes: The versions of the deletes.
    """

    storing: list[tuple[list[str], Reply]]
    deleting: list[tuple[list[str], Reply]]
    deletes: dict[str, int]


class RedisValues:
    """Reads and writes values.

    Args:
        session: The connection to the server.
        compress_over_bytes: Longer payloads are compressed; None never does.
        max_value_bytes: The longest payload that is unpacked.

    Attributes:
        undecodable: Payloads read that this cache can't have written.
    """

    def __init__(
        self, session: Session, *, compress_over_bytes: int | None, max_value_bytes: int
    ) -> None:
        self.undecodable = 0
        self._session = session
        self._compress_over_bytes = compress_over_bytes
        self._max_value_bytes = max_value_bytes

    async def read(self, keys: Collection[str]) -> Found:
        """Return what the server knows of ``keys``, and the floor."""
        sent = [(chunk, self._ask_for(chunk)) for chunk in chunks(keys)]
        found = []
        for chunk, reply in sent:
            envelopes = self._received(await self._session.link.reply(reply))
            floor = _number(envelopes.pop())
            entries, foreign = self.opened(chunk, envelopes)
            if foreign:
                await self.discard(foreign)
            found.append(Found(entries, floor))
        return found[0] if len(found) == 1 else joined(found)

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int]:
        """Store and delete, and return the version of what is there now as it was written.

        Raises:
            ValueError: A version has not 16 digits; nothing was sent.
            Exception: The server or the network failed.
        """
        return await self.written(self.send(writes))

    def send(self, writes: Mapping[str, Write], tag_floor: int | None = None) -> Sent:
        """Send all of ``writes`` now, so that no later call can come between.

        Args:
            writes: Writes by key.
            tag_floor: The floor under which their tags were noted, where that was elsewhere.

        Raises:
            ValueError: A version has not 16 digits; nothing was sent.
            Exception: The connection is lost.
        """
        deletes = {key: write.version for key, write in writes.items() if write.payload is None}
        storing = self._send_stores(writes, tag_floor)
        deleting = [self._send_deletes(chunk) for chunk in chunks(deletes.items())]
        return Sent(storing, deleting, deletes)

    async def written(self, sent: Sent) -> dict[str, int]:
        """Wait for writes on their way, and return the versions of those that took effect."""
        link = self._session.link
        versions = dict(sent.deletes)
        for keys, reply in sent.storing:
            answers = zip(keys, await link.reply(reply), strict=True)
            versions.update((key, version) for key, version in answers if version)
        for names, reply in sent.deleting:
            await self._confirm_deletes(names, await link.reply(reply))
        return versions

    def opened(
        self, keys: Sequence[str], envelopes: Sequence[bytes | None]
    ) -> tuple[dict[str, Entry], dict[str, bytes]]:
        """Return the entries of ``keys``, and the envelopes that can't be read, by key."""
        entries, foreign = open_envelopes(
            keys, envelopes, self._session.clock.latest_ms(), self._max_value_bytes
        )
        if not foreign:
            return entries, {}
        self.undecodable += len(foreign)
        by_key = dict(zip(keys, envelopes, strict=True))
        return entries, {key: by_key[key] or b"" for key in foreign}

    async def discard(self, envelopes: Mapping[str, bytes]) -> None:
        """Remove what a script takes for a value of ours, and so would protect, but is none."""
        arguments: list[Argument] = []
        for key, envelope in envelopes.items():
            if version_in(envelope):
                arguments += (self._session.names.of(key), envelope[:HEAD_BYTES])
        if arguments:
            await self._session.run(scripts.DISCARD, *arguments)

    def _ask_for(self, keys: list[str]) -> Reply:
        """Ask for the envelopes of ``keys`` and, last, the floor."""
        names = self._session.names
        prefix = names.prefix
        return self._session.link.send(b"MGET", *[prefix + key for key in keys], names.floor)

    def _received(self, replies: list[Any]) -> list[bytes | None]:
        return replies

    def _send_stores(
        self, writes: Mapping[str, Write], tag_floor: int | None
    ) -> list[tuple[list[str], Reply]]:
        session = self._session
        now_ms = int(session.clock.earliest_ms())
        not_after_ms = now_ms + int(LATEST_S * 1000)
        prepared = list(
            batches(writes, session.names, now_ms, self._compress_over_bytes, tag_floor)
        )
        return [
            (
                batch.keys,
                session.send_script(
                    scripts.STORE, not_after_ms, session.names.tags, *batch.arguments
                ),
            )
            for batch in prepared
        ]

    def _send_deletes(self, versions: list[tuple[str, int]]) -> tuple[list[str], Reply]:
        # The lease goes first: a fill between the two would outlive the delete.
        names = [self._session.names.of(key) for key, _ in versions]
        commands = self._session.removals([f"lease~{name}" for name in names])
        for name, (key, version) in zip(names, versions, strict=True):
            commands.append((b"SET", name, tombstone(key, version), b"PX", _TOMBSTONE_MS))
        return names, self._session.link.send_all(commands)

    async def _confirm_deletes(self, names: list[str], replies: list[Any]) -> None:
        """Where the server has no memory for a tombstone, make it do with the value's removal."""
        refused = []
        for name, reply in zip(names, replies[-len(names) :], strict=True):
            if is_full(reply):
                refused.append(name)
            else:
                checked(reply)
        for reply in replies[: -len(names)]:
            checked(reply)
        if refused:
            await self._session.remove(refused)


def is_full(reply: object) -> bool:
    """Tell whether the server refused for want of memory."""
    return isinstance(reply, ResponseError) and str(reply).startswith("OOM")


def joined(found: Sequence[Found]) -> Found:
    """Return several answers as one."""
    entries = {key: entry for part in found for key, entry in part.entries.items()}
    # The lowest: what was read under a floor that has risen since must not be filled.
    return Found(entries, min((part.floor for part in found), default=0))


def _number(floor: bytes | None) -> int:
    return int(floor) if floor is not None and floor.isdigit() else 0
