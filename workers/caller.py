"""One caller's operations on a subject: each is timed, recorded, and its values compared."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from time import perf_counter_ns
from typing import Any

from workers.ledger import Ledger
from workers.recorder import CodeBook, Record
from workers.subjects.base import Loader, Served, Subject
from workers.written import Clear, Write

DEPTH = {"l1": 0, "l2": 1, "l3": 2, "origin": 3, "miss": 4}
NO_TIER = "none"

MADE_OF: Mapping[str, tuple[str, ...]] = {
    "insert": ("set",),
    "scan": ("get_many",),
    "read_modify_write": ("get", "set"),
}
"""Operations that are made of others of the subject's."""


Do = Callable[[Sequence[str]], Awaitable[int]]
TtlOf = Callable[[str], float | None]


def with_what_is_made_of_them(lacks: Iterable[str]) -> frozenset[str]:
    """What a subject lacks, and the operations that it can't do for that reason."""
    lacks = frozenset(lacks)
    return lacks.union(name for name, parts in MADE_OF.items() if not lacks.isdisjoint(parts))


class Caller:
    """Does operations and sees what a caller of the cache sees.

    The timed section is the subject's calls alone; making values before them and comparing them
    after them cost the caller time, but not the figures. Each operation answers when it ended, on
    `time.perf_counter_ns`.

    Args:
        subject: The cache under test.
        ledger: Makes values and compares them.
        codes: Numbers what is recorded.
        record: Takes the timing of each operation.
        loader: The origin; None where reads bring none.
        ttl_of: The TTL of a key in seconds; None where the data has none.
    """

    def __init__(
        self,
        subject: Subject,
        ledger: Ledger,
        codes: CodeBook,
        record: Record,
        loader: Loader | None,
        *,
        ttl_of: TtlOf | None = None,
    ) -> None:
        self._subject = subject
        self._ledger = ledger
        self._codes = codes
        self._record = record
        self._loader = loader
        self._ttl_of = None if "ttl" in subject.lacks else ttl_of
        self._reads = dict.fromkeys(DEPTH, 0)
        # Code and count of single reads by tier, in one place: a counter beside it costs 10 % of
        # what recording a read costs.
        self._gets: dict[str, list[int]] = {}
        self.operations = self._possible(subject.lacks)
        """What the subject can do, by its name."""

    @property
    def reads(self) -> Counter[str]:
        """How many keys each tier has served so far."""
        gets = {tier: count for tier, (_code, count) in self._gets.items()}
        return Counter({tier: count + gets.get(tier, 0) for tier, count in self._reads.items()})

    async def get(self, keys: Sequence[str]) -> int:
        """Read the first of `keys`."""
        key = keys[0]
        ttl_s = None if self._ttl_of is None else self._ttl_of(key)
        start_ns = perf_counter_ns()
        try:
            value, tier = await self._subject.get(key, self._loader, ttl_s)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            return self._failed("get", start_ns, error)
        end_ns = perf_counter_ns()
        try:
            seen = self._gets[tier]
        except KeyError:
            seen = self._gets[tier] = [self._codes.number("get", tier), 0]
        self._record(start_ns, end_ns - start_ns, seen[0])
        seen[1] += 1
        if tier == "miss":
            self._ledger.missed(key)
        else:
            self._ledger.check(key, value, start_ns)
        return end_ns

    async def get_many(self, keys: Sequence[str]) -> int:
        """Read all of `keys` at once; the deepest tier that served any of them is recorded."""
        return await self._read_many("get_many", keys)

    async def scan(self, keys: Sequence[str]) -> int:
        """Read all of `keys`, whose numbers follow each other, at once."""
        return await self._read_many("scan", keys)

    async def set(self, keys: Sequence[str]) -> int:
        """Write the next revision of the first of `keys`."""
        return await self._write("set", keys[0])

    async def insert(self, keys: Sequence[str]) -> int:
        """Write the first of `keys`, which was not there before."""
        return await self._write("insert", keys[0])

    async def set_many(self, keys: Sequence[str]) -> int:
        """Write the next revision of all of `keys` at once, with the smallest of their TTLs."""
        begun = {key: self._ledger.begin_write(key) for key in dict.fromkeys(keys)}
        items = {key: value for key, (_write, value) in begun.items()}
        writes = [write for write, _value in begun.values()]
        ttls_s = [ttl_s for key in items if (ttl_s := self._ttl_s(key)) is not None]
        change = self._subject.set_many
        return await self._change("set_many", writes, change, items, min(ttls_s, default=None))

    async def delete(self, keys: Sequence[str]) -> int:
        """Delete the first of `keys`."""
        key = keys[0]
        writes = [self._ledger.begin_delete(key)]
        return await self._change("delete", writes, self._subject.delete, key)

    async def clear(self, _keys: Sequence[str]) -> int:
        """Remove everything from the cache; the origin still has it."""
        return await self._change("clear", [self._ledger.begin_clear()], self._subject.clear)

    async def read_modify_write(self, keys: Sequence[str]) -> int:
        """Read the first of `keys`, then write its next revision: one operation, of both times."""
        key = keys[0]
        ttl_s = None if self._ttl_of is None else self._ttl_of(key)
        start_ns = perf_counter_ns()
        try:
            served = await self._subject.get(key, self._loader, ttl_s)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            return self._failed("read_modify_write", start_ns, error)
        read_ns = perf_counter_ns() - start_ns
        self._compare(key, served, start_ns)
        write, value = self._ledger.begin_write(key)
        resumed_ns = perf_counter_ns()
        try:
            await self._subject.set(key, value, ttl_s)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            return self._failed("read_modify_write", start_ns, error)
        end_ns = perf_counter_ns()
        code = self._codes.number("read_modify_write", served.tier)
        self._record(start_ns, read_ns + end_ns - resumed_ns, code)
        self._ledger.acknowledge(write)
        return end_ns

    async def _read_many(self, operation: str, keys: Sequence[str]) -> int:
        wanted = tuple(dict.fromkeys(keys))
        start_ns = perf_counter_ns()
        try:
            answer = await self._subject.get_many(wanted)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            return self._failed(operation, start_ns, error)
        end_ns = perf_counter_ns()
        deepest = max((answer[key].tier for key in wanted), key=DEPTH.__getitem__)
        self._record(start_ns, end_ns - start_ns, self._codes.number(operation, deepest))
        for key in wanted:
            self._compare(key, answer[key], start_ns)
        return end_ns

    async def _write(self, operation: str, key: str) -> int:
        write, value = self._ledger.begin_write(key)
        ttl_s = self._ttl_s(key)
        return await self._change(operation, [write], self._subject.set, key, value, ttl_s)

    async def _change(
        self,
        operation: str,
        begun: Sequence[Write | Clear],
        change: Callable[..., Awaitable[None]],
        *arguments: Any,
    ) -> int:
        start_ns = perf_counter_ns()
        try:
            await change(*arguments)
        except Exception as error:  # noqa: BLE001 - any failure of the subject is a result
            return self._failed(operation, start_ns, error)
        end_ns = perf_counter_ns()
        self._record(start_ns, end_ns - start_ns, self._codes.number(operation, NO_TIER))
        for each in begun:
            self._ledger.acknowledge(each)
        return end_ns

    def _ttl_s(self, key: str) -> float | None:
        return None if self._ttl_of is None else self._ttl_of(key)

    def _failed(self, operation: str, start_ns: int, error: Exception) -> int:
        end_ns = perf_counter_ns()
        code = self._codes.number(operation, NO_TIER, type(error).__name__)
        self._record(start_ns, end_ns - start_ns, code)
        return end_ns

    def _compare(self, key: str, served: Served, start_ns: int) -> None:
        self._reads[served.tier] += 1
        if served.tier == "miss":
            self._ledger.missed(key)
        else:
            self._ledger.check(key, served.value, start_ns)

    def _possible(self, lacks: Collection[str]) -> dict[str, Do]:
        every: dict[str, Do] = {
            "get": self.get,
            "set": self.set,
            "insert": self.insert,
            "delete": self.delete,
            "get_many": self.get_many,
            "set_many": self.set_many,
            "scan": self.scan,
            "read_modify_write": self.read_modify_write,
            "clear": self.clear,
        }
        return {
            name: do
            for name, do in every.items()
            if not {name, *MADE_OF.get(name, ())}.intersection(lacks)
        }
