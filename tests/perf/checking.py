"""How long four processes take to check a history of a million operations that they made."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final

import numpy as np

from tests.perf.bench import Bench
from tests.perf.errors import WrongAnswersError
from tests.perf.made_history import Part, part_of
from tests.perf.result import Measured
from workers.checker.found import Found
from workers.checker.judged import judge
from workers.checker.log import CHANGE, decode, encode, joined

PROCESSES: Final = 4
_END_WITHIN_S: Final = 10

End = Connection


async def measure(bench: Bench) -> list[Measured]:
    """Let each process hand over what it wrote, take what all wrote, and check what it read."""
    operations = bench.sizes.checked
    with _processes(operations) as ends:
        planted = sum(end.recv() for end in ends)
        began_s = time.perf_counter()
        _tell(ends, "begin")
        _tell(ends, [end.recv() for end in ends])
        counts = [end.recv() for end in ends]
        taken_s = time.perf_counter() - began_s
    found = {name: sum(each[name] for each in counts) for name in counts[0]}
    right = {"operations": operations, "impossible_reads": 0, "overdue_reads": planted}
    if {name: found[name] for name in right} != right:
        raise WrongAnswersError(f"the checker found {found} where {right} is right")
    return [Measured("check-history", taken_s, taken_s)]


@contextmanager
def _processes(operations: int) -> Iterator[list[End]]:
    """Start the processes; the ends to talk to them by."""
    context = get_context("spawn")
    with ExitStack() as stack:
        ends: list[End] = []
        for shard in range(PROCESSES):
            end, other = context.Pipe()
            process = context.Process(target=_work, args=(other, shard, operations), daemon=True)
            process.start()
            other.close()
            stack.callback(process.join, _END_WITHIN_S)
            ends.append(stack.enter_context(closing(end)))
        yield ends


def _tell(ends: list[End], what: object) -> None:
    for end in ends:
        end.send(what)


def _work(end: End, shard: int, operations: int) -> None:
    """One process: makes its part, then encodes, decodes and checks on demand."""
    part = part_of(shard, PROCESSES, operations)
    end.send(part.stale)
    end.recv()
    end.send(encode(part.changes, 0))
    end.send(_counts(part, shard, end.recv()))
    end.close()


def _counts(part: Part, shard: int, handed_over: list[bytes]) -> dict[str, int]:
    none = np.zeros(0, dtype=CHANGE)
    changes = joined(none, [decode(each, 0) for each in handed_over])
    found = Found(judge(changes, part.reads, shard, 0), 0)
    return {**found.counts, "operations": len(part.changes) + len(part.reads)}
