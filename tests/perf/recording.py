"""How many operations one process records in a second, and what recording one of them costs."""

from typing import Final

from pipeline.data import Data
from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from tests.perf.bench import Bench
from tests.perf.jobs import KEYS, a_job, do, span_of, times_of
from tests.perf.result import Measured
from tests.perf.rounds import Contender, Samples, by_turns, timed
from workers.caller import Caller
from workers.data import key_names
from workers.ledger import Ledger
from workers.recorder import CodeBook, Recorder
from workers.subjects.null import NullSubject
from workers.values import Values

US_PER_S: Final = 1e6
SEED: Final = 1


async def measure(bench: Bench) -> list[Measured]:
    """Measure a closed loop on no cache at all, whole and operation by operation."""
    return [await _rate(bench), await _cost(bench)]


async def _rate(bench: Bench) -> Measured:
    """Let one user read through a whole job; the best round counts."""
    read = Phase(name="read", load=ClosedLoad(operations=bench.sizes.recorded, loader=False))
    spec = a_job(read, subject="null")
    rounds = []
    for _ in range(bench.sizes.slow_rounds):
        result = await do(bench, spec)
        span = span_of(result, read.name)
        rounds.append(
            (span.end_s - span.start_s) / times_of(result.intervals, read.name, "miss").count
        )
    taken = Samples(tuple(rounds))
    return Measured(
        "record-rate", 1 / taken.best, taken.best, ours_rounds=taken.values, spread=taken.spread
    )


async def _cost(bench: Bench) -> Measured:
    """Subtract the same reads without a recorder, the best round of each side, as runs do."""
    asked = [[key] for key in key_names("simple", KEYS)]
    asked *= max(1, bench.sizes.recorded // (80 * KEYS))
    contenders = {"recorded": _recorded(asked), "alone": _alone(asked)}
    taken = await by_turns(contenders, 3 * bench.sizes.rounds)
    recorded, alone = taken["recorded"], taken["alone"]
    return Measured(
        "record-cost",
        (recorded.best - alone.best) * US_PER_S,
        recorded.best,
        alone.best,
        ours_rounds=recorded.values,
        other_rounds=alone.values,
        spread=recorded.spread,
    )


def _recorded(asked: list[list[str]]) -> Contender:
    subject, ledger = NullSubject(), Ledger(Values(SEED, Data()))

    async def turn() -> float:
        caller = Caller(subject, ledger, CodeBook(), Recorder().record, None)
        get = caller.operations["get"]

        async def read() -> None:
            for keys in asked:
                await get(keys)

        return await timed(read(), len(asked))

    return turn


def _alone(asked: list[list[str]]) -> Contender:
    subject = NullSubject()

    async def read() -> None:
        for keys in asked:
            await subject.get(keys[0], None)

    return lambda: timed(read(), len(asked))
