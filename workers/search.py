"""The search for the highest rate of an open loop at which its 99th percentile stays in bounds."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.load import OpenLoad, SearchLoad
from results.attempt_result import SearchTrial
from workers.arrivals import due_times
from workers.caller import Caller
from workers.draws import Draw
from workers.open_loop import OpenOutcome, run_schedule
from workers.recorder import CodeBook, Recorder, Samples
from workers.schedule_doubts import LEFT_OVER_LIMIT, SERVED_LIMIT, SERVED_OF, is_late

NS_PER_S = 1e9
NS_PER_MS = 1e6
NEVER_NS = 2**62
MAX_WAITING = 100_000
# Where no rate has held yet, the lowest that is tried, as a share of the first.
LOWEST = 1 / 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search did.

    Args:
        trials: Its trials in their order.
        due_ns: When each recorded operation was due, on `time.perf_counter_ns`; shape (done,).
    """

    trials: tuple[SearchTrial, ...]
    due_ns: NDArray[np.int64]


class Search:
    """One search, on one worker.

    Args:
        phase: The phase's name.
        load: What is sought.
        draws: Endless operations.
        caller: Does and records them.
        recorder: Where it records them, empty yet.
        codes: Numbers what is recorded.
        seed: The job's seed.
        position: The phase's position in its scenario.
    """

    def __init__(
        self,
        phase: str,
        load: SearchLoad,
        draws: Iterator[Draw],
        caller: Caller,
        *,
        recorder: Recorder,
        codes: CodeBook,
        seed: int,
        position: int,
    ) -> None:
        self._phase, self._load = phase, load
        self._draws, self._caller = draws, caller
        self._recorder, self._codes = recorder, codes
        self._seed, self._position = seed, position
        self._trials: list[SearchTrial] = []
        self._due_ns: list[NDArray[np.int64]] = []

    async def run(self) -> Searched:
        """Try rates until the highest that holds is known as closely as was asked for."""
        held, failed = 0.0, math.inf
        rate: float | None = min(self._load.from_rate, self._load.to_rate)
        while rate is not None:
            if await self._holds(rate):
                held = rate
            else:
                failed = rate
            rate = next_rate(self._load, held, failed)
        return Searched(trials=tuple(self._trials), due_ns=np.concatenate(self._due_ns))

    async def _holds(self, rate: float) -> bool:
        number, before = len(self._trials), len(self._recorder)
        arrivals = OpenLoad(rate=rate, duration_s=self._load.trial_s)
        outcome = await run_schedule(
            due_times(arrivals, seed=self._seed, place=(self._position, number)),
            self._draws,
            self._caller,
            max_in_flight=self._load.max_in_flight,
            max_waiting=MAX_WAITING,
        )
        samples = self._recorder.samples(outcome.due_ns, since=before)
        p99_ms = self._p99_ms(samples, outcome.dropped)
        in_bounds = p99_ms is not None and p99_ms < self._load.p99_below_ms
        self._due_ns.append(outcome.due_ns)
        self._trials.append(
            SearchTrial(
                phase=self._phase,
                number=number,
                rate=rate,
                achieved_rate=_achieved_rate(self._load, outcome, samples),
                p99_ms=p99_ms,
                held=in_bounds and not _fell_behind(self._load, outcome, samples),
            )
        )
        return self._trials[-1].held

    def _p99_ms(self, samples: Samples, dropped: int) -> float | None:
        """The 99th percentile, for which what failed or was dropped never ended.

        Returns:
            None where it lies there.
        """
        if not len(samples):
            return None
        failed = [number for number, code in enumerate(self._codes.codes) if code.outcome != "ok"]
        times_ns = np.where(np.isin(samples.code, failed), NEVER_NS, samples.intended_ns)
        times_ns = np.concatenate((times_ns, np.full(dropped, NEVER_NS)))
        p99_ns = int(np.percentile(times_ns, 99, method="inverted_cdf"))
        return None if p99_ns == NEVER_NS else p99_ns / NS_PER_MS


def next_rate(load: SearchLoad, held: float, failed: float) -> float | None:
    """The rate to be tried next; None where the search is at its end.

    Args:
        load: What is sought.
        held: The highest rate that held; 0 where none did.
        failed: The lowest that did not; infinite where none did.
    """
    if held == 0:
        return failed / 2 if failed > LOWEST * load.from_rate else None
    if held >= load.to_rate:
        return None
    if math.isinf(failed):
        return min(2 * held, load.to_rate)
    return None if failed - held <= load.resolution * failed else (held + failed) / 2


def _achieved_rate(load: SearchLoad, outcome: OpenOutcome, samples: Samples) -> float:
    last_ns = int(_ends_ns(samples).max(initial=outcome.began_ns))
    return outcome.done / max(load.trial_s, (last_ns - outcome.began_ns) / NS_PER_S)


def _fell_behind(load: SearchLoad, outcome: OpenOutcome, samples: Samples) -> bool:
    """Whether the subject could not serve all in time, or the generator was not in time itself."""
    slots, offered = load.max_in_flight, outcome.offered
    in_time = (_ends_ns(samples) <= outcome.began_ns + load.trial_s * NS_PER_S).sum() + slots
    return bool(
        outcome.dropped
        or outcome.left_over > slots + LEFT_OVER_LIMIT * offered
        or (offered >= SERVED_OF and in_time < SERVED_LIMIT * offered)
        or is_late(outcome.lag_ns)
    )


def _ends_ns(samples: Samples) -> NDArray[np.int64]:
    return samples.start_ns + samples.duration_ns
