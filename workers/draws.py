"""What comes next: the operations of one user or of one schedule, with their keys."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from pipeline.load import WRITES, Operation, Work
from workers.hot_keys import Indices
from workers.keys import key_stream
from workers.part import Mask
from workers.randomness import KEYS, LENGTHS, OPERATIONS, random_stream

Draw = tuple[str, Sequence[str]]

CHUNK = 4_096
# What one phase inserts is new to the next one too, as long as it is not more than this.
INSERTS_A_PHASE = 1_000_000_000
EVERY = slice(None)
SINGLE: frozenset[Operation] = frozenset(("get", "set", "delete", "read_modify_write"))


class Draws:
    """One endless sequence of operations, drawn in bulk.

    It depends on the work, the mix, the seed and the place alone: operations, keys and lengths
    come from streams of their own, so that it is the same however it is cut into chunks. Only the
    keys that are inserted depend on the number of users too.

    Args:
        work: What the operations are.
        mix: Weight of each operation; at least one.
        key_names: The names of the planned keys, by number.
        seed: The job's seed.
        place: What tells it from the job's other sequences: the phase's position, then others.
        user: The number of its user, from 0.
        users: Number of users, whose inserts never share a key.
    """

    def __init__(
        self,
        work: Work,
        mix: Mapping[Operation, float],
        key_names: Sequence[str],
        *,
        seed: int,
        place: tuple[int, ...],
        user: int = 0,
        users: int = 1,
    ) -> None:
        self._operations = sorted(mix)
        self._only_single = SINGLE.issuperset(mix)
        self._cumulated = _cumulated([mix[name] for name in self._operations])
        self._widths = np.array([_drawn_keys(name, work.batch) for name in self._operations])
        self._batch = work.batch
        self._key_names = key_names
        self._users = users
        self._inserted = 0
        self._first_insert = len(key_names) + place[0] * INSERTS_A_PHASE + user
        self._choices = random_stream(seed, OPERATIONS, *place)
        self._lengths = random_stream(seed, LENGTHS, *place)
        self._keys = key_stream(
            work.keys,
            len(key_names),
            seed=seed,
            user=user,
            users=users,
            random=random_stream(seed, KEYS, *place),
        )

    def endless(self, chunk: int) -> Iterator[Draw]:
        """All of it.

        Args:
            chunk: How many operations are drawn at once.
        """
        return chain.from_iterable(self._made(self.choose(chunk)) for _ in iter(int, 1))

    def chosen(self, operations: Indices, mine: Mask) -> Iterator[Draw]:
        """Some of what `choose` chose, all of whose keys are drawn.

        Args:
            operations: What it chose, from its first call on, shape (n,).
            mine: Which of these are wanted, shape (n,).
        """
        cuts = range(CHUNK, len(operations), CHUNK)
        chunks = zip(np.split(operations, cuts), np.split(mine, cuts), strict=True)
        return chain.from_iterable(self._made(part, wanted) for part, wanted in chunks)

    def choose(self, count: int) -> Indices:
        """The next operations, as numbers that `writes` and `chosen` understand.

        Args:
            count: How many.
        """
        return np.searchsorted(self._cumulated, self._choices.random(count), side="right")

    def writes(self, operations: Indices) -> Mask:
        """Which of these operations change something."""
        return self._among(WRITES)[operations]

    def _made(self, operations: Indices, mine: Mask | slice = EVERY) -> Iterable[Draw]:
        inserts = self._among({"insert"})[operations]
        known = len(self._key_names) + self._inserted + np.cumsum(inserts) - inserts
        self._inserted += int(inserts.sum())
        keys = self._keys.take(np.repeat(known, self._widths[operations]))
        if self._only_single:
            return self._singles(operations[mine].tolist(), keys[mine].tolist())
        return self._each(operations, known, keys, mine)

    def _singles(self, operations: list[int], keys: list[int]) -> Iterable[Draw]:
        names = map(self._key_names.__getitem__, keys)
        return zip(map(self._operations.__getitem__, operations), zip(names), strict=True)

    def _each(
        self, operations: Indices, known: Indices, keys: Indices, mine: Mask | slice
    ) -> Iterator[Draw]:
        widths = self._widths[operations]
        ends = np.cumsum(widths)
        spans = np.ones(len(operations), dtype=np.int64)
        scans = self._among({"scan"})[operations]
        spans[scans] = self._lengths.integers(1, self._batch + 1, size=int(scans.sum()))
        columns = (operations, known, ends - widths, ends, spans)
        numbers = keys.tolist()
        for number, there, begin, end, span in zip(
            *(column[mine].tolist() for column in columns), strict=True
        ):
            operation = self._operations[number]
            asked = numbers[begin:end]
            if operation == "insert":
                asked = [there]
            elif operation == "scan":
                asked = [(asked[0] + step) % there for step in range(span)]
            yield operation, [self._name(each) for each in asked]

    def _name(self, number: int) -> str:
        planned = len(self._key_names)
        if number < planned:
            return self._key_names[number]
        own = self._first_insert + (number - planned) * self._users
        return f"{self._key_names[0].rpartition(':')[0]}:{own}"

    def _among(self, names: Collection[str]) -> Mask:
        return np.array([name in names for name in self._operations])


def _drawn_keys(operation: Operation, batch: int) -> int:
    """How many keys of one operation come from the distribution."""
    if operation in ("get_many", "set_many"):
        return batch
    return 0 if operation in ("insert", "clear") else 1


def _cumulated(weights: Sequence[float]) -> NDArray[np.float64]:
    cumulated = np.cumsum(weights, dtype=np.float64)
    shares: NDArray[np.float64] = cumulated / cumulated[-1]
    return shares
