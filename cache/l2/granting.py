"""Leases in L2: who holds one loads a missing key, everybody else waits for the value or its end.

A lease lies beside the value, outside the tracked names, and is told by its token. It holds the
tags of what is being loaded too, so that an invalidation finds the key before its value is there.
"""

import itertools
import secrets
from collections.abc import Iterator, Mapping
from typing import Final

from cache.l2 import scripts
from cache.l2.batches import chunks, encoded_tags
from cache.l2.link import Argument
from cache.l2.session import Session
from cache.l2.values import RedisValues
from cache.tier import MISS, Entry, Lease, LeaseRequest

_BUSY: Final = Lease(b"")
_GRANTED_FOR_ANOTHER_TYPE: Final = 2


class RedisLeases:
    """Grants and ends leases.

    Args:
        session: The connection to the server.
        values: What opens a value that is there already.
        lease_s: How long a lease lives that is not renewed.
    """

    def __init__(self, session: Session, values: RedisValues, lease_s: float) -> None:
        self._session = session
        self._values = values
        self._lease_ms = max(1, int(lease_s * 1000))
        self._owner = secrets.token_hex(8)
        self._numbers = itertools.count()

    async def lease(self, requests: Mapping[str, LeaseRequest]) -> dict[str, Entry | Lease]:
        """Return for each key a newer value, a granted lease, or one that another holds."""
        answers: dict[str, Entry | Lease] = {}
        for chunk in chunks(requests.items()):
            foreign = await self._lease_chunk(dict(chunk), answers)
            if foreign:
                # Gone now: the second answer is a lease, or what somebody wrote since.
                await self._values.discard(foreign)
                again = {key: requests[key] for key in foreign}
                await self._lease_chunk(again, answers)
        return answers

    async def renew(self, leases: Mapping[str, bytes]) -> None:
        """Let leases that still stand live for their whole time again."""
        await self._set_ttl(leases, self._lease_ms)

    async def release(self, leases: Mapping[str, bytes]) -> None:
        """End leases that still stand."""
        await self._set_ttl(leases, 0)

    async def _lease_chunk(
        self, requests: Mapping[str, LeaseRequest], answers: dict[str, Entry | Lease]
    ) -> dict[str, bytes]:
        """Add to ``answers``, and return the values that can't be read."""
        token = f"{self._owner}{next(self._numbers):012x}".encode()
        floor, *replies = await self._session.run(
            scripts.LEASE,
            self._lease_ms,
            self._session.names.tags,
            token,
            *self._arguments_of(requests),
        )
        granted = Lease(token, floor)
        values: dict[str, bytes] = {}
        for key, reply in zip(requests, replies, strict=True):
            if isinstance(reply, bytes):
                values[key] = reply
            else:
                answers[key] = granted if reply else _BUSY
                # MGET says nothing of it: it is seen here, before it is replaced.
                self._values.undecodable += reply == _GRANTED_FOR_ANOTHER_TYPE
        entries, foreign = self._values.opened(list(values), list(values.values()))
        for key in values:
            entry = entries.get(key)
            # An expired one will be gone when it is asked for again.
            answers[key] = _BUSY if entry is None or entry.value is MISS else entry
        return foreign

    async def _set_ttl(self, leases: Mapping[str, bytes], ttl_ms: int) -> None:
        names = self._session.names
        for chunk in chunks(leases.items()):
            arguments = [part for key, token in chunk for part in (names.of(key), token)]
            await self._session.run(scripts.RENEW, ttl_ms, names.tags, *arguments)

    def _arguments_of(self, requests: Mapping[str, LeaseRequest]) -> Iterator[Argument]:
        names = self._session.names
        for key, request in requests.items():
            yield names.of(key)
            yield request.newer_than
            yield b"" if names.spans_slots else encoded_tags(request.tags)
