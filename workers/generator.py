"""From a phase's load to the operations that it asks for: one way for each kind of load.

A load is prepared first, which may take its time, and then run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from pipeline.load import ClosedLoad, Load, OpenLoad, SearchLoad, TraceLoad, Work
from pipeline.trace import Trace
from results.attempt_result import SearchTrial
from workers.arrivals import due_times
from workers.caller import Caller
from workers.draws import CHUNK, Draws
from workers.errors import LoadError
from workers.load import run_users, users_of
from workers.open_loop import OpenOutcome, run_schedule
from workers.part import Part
from workers.recorder import CodeBook, Recorder
from workers.replay import replay, replay_timed
from workers.search import Search

NS_PER_S = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a load is run in.

    Args:
        phase: The phase's name.
        position: The phase's position in its scenario.
        seed: The job's seed.
        key_names: The names of the planned keys, by number.
        caller: Does and records the operations.
        recorder: Where it records them, empty yet.
        codes: Numbers what is recorded.
        part: The worker's part of the load.
        trace: The requests of a trace load.
    """

    phase: str
    position: int
    seed: int
    key_names: Sequence[str]
    caller: Caller
    recorder: Recorder
    codes: CodeBook
    part: Part
    trace: Trace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a load did.

    Args:
        planned: Operations that were to be done by this worker.
        done: Operations that were done.
        schedule: What became of the schedule; None where there was none, or one for each trial.
        due_ns: When each operation was due, in the order in which they were recorded; None in a
            closed loop.
        trials: The trials of a search.
    """

    planned: int
    done: int
    schedule: OpenOutcome | None = None
    due_ns: NDArray[np.int64] | None = None
    trials: tuple[SearchTrial, ...] = ()


Generator = Callable[[], Awaitable[Generated]]


def generator_of(load: Load, setting: Setting) -> Generator | None:
    """What runs a load; None where nothing of it is left for this worker.

    Operations that the subject lacks are left out of a mix.

    Args:
        load: What is done.
        setting: What it is run in.

    Raises:
        LoadError: A search was planned for several workers.
    """
    if isinstance(load, TraceLoad):
        return _of_trace(load, setting)
    possible = {
        name: weight for name, weight in load.mix.items() if name in setting.caller.operations
    }
    if not setting.part.mix(possible):
        return None
    able = replace(load, mix=possible)
    if isinstance(able, ClosedLoad):
        return _of_users(able, setting)
    if isinstance(able, OpenLoad):
        return _of_schedule(able, setting)
    return _of_search(able, setting)


def _of_users(load: ClosedLoad, setting: Setting) -> Generator | None:
    users = users_of(
        load, setting.key_names, seed=setting.seed, phase=setting.position, part=setting.part
    )
    if not users:
        return None

    async def run() -> Generated:
        done = await run_users(load, users, setting.caller)
        return Generated(planned=len(users) * (load.operations or 0) or done, done=done)

    return run


def _of_schedule(load: OpenLoad, setting: Setting) -> Generator:
    due_ns = due_times(load, seed=setting.seed, place=(setting.position,))
    draws = _draws(load, setting)
    operations = draws.choose(len(due_ns))
    mine = setting.part.positions(draws.writes(operations))
    own = draws.chosen(operations, mine)

    async def run() -> Generated:
        schedule = await run_schedule(
            due_ns[mine],
            own,
            setting.caller,
            max_in_flight=load.max_in_flight,
            max_waiting=load.max_waiting,
        )
        # The gap after the last arrival belongs to the schedule: without it the rate looks higher.
        left_s = load.duration_s - (perf_counter_ns() - schedule.began_ns) / NS_PER_S
        await asyncio.sleep(max(left_s, 0))
        return _as_scheduled(schedule)

    return run


def _of_search(load: SearchLoad, setting: Setting) -> Generator:
    if setting.part.shards > 1:
        raise LoadError(
            f"phase {setting.phase}: a search runs on one worker, not on {setting.part.shards}; "
            "set the scenario's workers to 1"
        )
    search = Search(
        setting.phase,
        load,
        _draws(load, setting).endless(CHUNK),
        setting.caller,
        recorder=setting.recorder,
        codes=setting.codes,
        seed=setting.seed,
        position=setting.position,
    )

    async def run() -> Generated:
        searched = await search.run()
        done = len(searched.due_ns)
        return Generated(planned=done, done=done, due_ns=searched.due_ns, trials=searched.trials)

    return run


def _of_trace(load: TraceLoad, setting: Setting) -> Generator | None:
    trace = setting.trace
    if trace is None:
        raise LoadError(f"phase {setting.phase}: its trace is missing")
    if not len(trace):
        return None

    async def run() -> Generated:
        if load.timed:
            return _as_scheduled(await replay_timed(trace, load, setting.caller))
        done = await replay(trace, setting.caller)
        return Generated(planned=done, done=done)

    return run


def _draws(work: Work, setting: Setting) -> Draws:
    return Draws(work, work.mix, setting.key_names, seed=setting.seed, place=(setting.position, 0))


def _as_scheduled(schedule: OpenOutcome) -> Generated:
    return Generated(
        planned=schedule.offered - schedule.dropped,
        done=schedule.done,
        schedule=schedule,
        due_ns=schedule.due_ns,
    )
