"""One caller's operations on a subject: each is timed, recorded, and its values compared."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter_ns
from typing import Any

from workers.ledger import Ledger
from workers.recorder import CodeBook, Record
from workers.subjects.base import Loader, Served, Subject

DEPTH = {"l1": 0, "l2": 1, "l3": 2, "origin": 3, "miss": 4}
NO_TIER = "none"


class Caller:
    """Does operations and sees what a caller of the cache sees.

    The timed section is the subject's call alone; making values before it and comparing them
    after it cost the caller time, but not the figures.

    Args:
        subject: The cache under test.
        ledger: Makes values and compares them.
        codes: Numbers what is recorded.
        record: Takes the timing of each operation.
        loader: The origin; None where reads bring none.
    """

    def __init__(
        self,
        subject: Subject,
        ledger: Ledger,
        codes: CodeBook,
        record: Record,
        loader: Loader | None,
    ) -> None:
        self._subject = subject
        self._ledger = ledger
        self._codes = codes
        self._record = record
        self._loader = loader
        self.reads: Counter[str] = Counter()
        self.operations: dict[str, Callable[[Sequence[str]], Awaitable[None]]] = {
            "get": self.get,
            "set": self.set,
            "delete": self.delete,
            "get_many": self.get_many,
            "set_many": self.set_many,
        }

    async def get(self, keys: Sequence[str]) -> None:
        """Read the first of `keys`."""
        key = keys[0]
        begin = self._ledger.clock
        start_ns = perf_counter_ns()
        try:
            served = await self._subject.get(key, self._loader)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            self._failed("get", start_ns, error)
            return
        self._served("get", start_ns, served.tier)
        self._compare(key, served, begin)

    async def get_many(self, keys: Sequence[str]) -> None:
        """Read all of `keys` at once; the deepest tier that served any of them is recorded."""
        wanted = tuple(dict.fromkeys(keys))
        begin = self._ledger.clock
        start_ns = perf_counter_ns()
        try:
            answer = await self._subject.get_many(wanted)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            self._failed("get_many", start_ns, error)
            return
        end_ns = perf_counter_ns()
        deepest = max((answer[key].tier for key in wanted), key=DEPTH.__getitem__)
        self._record(start_ns, end_ns - start_ns, self._codes.number("get_many", deepest))
        for key in wanted:
            self._compare(key, answer[key], begin)

    async def set(self, keys: Sequence[str]) -> None:
        """Write the next revision of the first of `keys`."""
        key = keys[0]
        write, value = self._ledger.begin_write(key)
        if await self._change("set", self._subject.set, key, value):
            self._ledger.acknowledge(write)

    async def set_many(self, keys: Sequence[str]) -> None:
        """Write the next revision of all of `keys` at once."""
        begun = {key: self._ledger.begin_write(key) for key in dict.fromkeys(keys)}
        items = {key: value for key, (_write, value) in begun.items()}
        if await self._change("set_many", self._subject.set_many, items):
            for write, _value in begun.values():
                self._ledger.acknowledge(write)

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete the first of `keys`."""
        key = keys[0]
        write = self._ledger.begin_delete(key)
        if await self._change("delete", self._subject.delete, key):
            self._ledger.acknowledge(write)

    async def _change(
        self, operation: str, change: Callable[..., Awaitable[None]], *arguments: Any
    ) -> bool:
        start_ns = perf_counter_ns()
        try:
            await change(*arguments)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            self._failed(operation, start_ns, error)
            return False
        self._served(operation, start_ns, NO_TIER)
        return True

    def _served(self, operation: str, start_ns: int, tier: str) -> None:
        duration_ns = perf_counter_ns() - start_ns
        self._record(start_ns, duration_ns, self._codes.number(operation, tier))

    def _failed(self, operation: str, start_ns: int, error: Exception) -> None:
        duration_ns = perf_counter_ns() - start_ns
        kind = type(error).__name__
        self._record(start_ns, duration_ns, self._codes.number(operation, NO_TIER, kind))

    def _compare(self, key: str, served: Served, begin: int) -> None:
        self.reads[served.tier] += 1
        if served.tier == "miss":
            self._ledger.missed(key)
        else:
            self._ledger.check(key, served.value, begin)
