"""Runs one phase: its steps before, then its load with faults and a health watch beside it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pipeline import scenario
from pipeline.scenario import ClosedLoad, Phase
from pipeline.servers import Server
from pipeline.trace import Trace
from results.records import PhaseSpan
from workers.caller import Caller
from workers.errors import FaultError, LoadError
from workers.faults.probe import Probe
from workers.faults.registry import FAULTS
from workers.faults.schedule import ScheduledFault
from workers.health import HealthWatch
from workers.ledger import Ledger
from workers.load import run_closed_load
from workers.measured import MeasuredPhase
from workers.origin import Origin
from workers.recorder import CodeBook, Recorder
from workers.replay import replay
from workers.subjects.base import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all phases of an attempt share.

    Args:
        subject: The cache under test, started.
        ledger: What was written so far.
        codes: Numbers what is recorded.
        seed: The job's seed.
        key_names: The names of the scenario's keys, by number.
        traces: The requests of each trace load, by the phase's position.
        own_server: The job's own L2 server and its URL; None where it shares one.
        now_s: Seconds since the attempt began.
    """

    subject: Subject
    ledger: Ledger
    codes: CodeBook
    seed: int
    key_names: Sequence[str]
    traces: dict[int, Trace]
    own_server: tuple[Server, str] | None
    now_s: Callable[[], float]


async def run_phase(stage: Stage, position: int, phase: Phase) -> MeasuredPhase:
    """Run one phase of an attempt to its end.

    Args:
        stage: What all phases share.
        position: The phase's place in its scenario, from 0.
        phase: What to do.

    Raises:
        LoadError: Fewer operations were done than planned.
        FaultError: A fault could not be undone.
    """
    warmed_keys = await _prepare(stage.subject, phase)
    stage.ledger.begin_phase()
    running = _RunningPhase(stage, position, phase)
    async with _beside(running.faults, running.watch):
        await running.do_load()
    return running.measured(warmed_keys)


class _RunningPhase:
    """A phase's own recorder, origin, caller and faults, and the times of its load."""

    def __init__(self, stage: Stage, position: int, phase: Phase) -> None:
        self._stage = stage
        self._position = position
        self._phase = phase
        self._recorder = Recorder()
        self._origin = Origin(stage.ledger, getattr(phase.load, "loader_time_s", 0.0))
        loader = self._origin.load if getattr(phase.load, "loader", True) else None
        self._caller = Caller(
            stage.subject, stage.ledger, stage.codes, self._recorder.record, loader
        )
        self.faults = [_scheduled(stage, phase.name, fault) for fault in phase.faults]
        self.watch = HealthWatch(stage.subject, stage.now_s)
        self._began_ns = 0
        self._start_s = self._end_s = self._cpu_s = 0.0
        self._done = 0

    async def do_load(self) -> None:
        """Do the load, and nothing else between the two looks at the clocks."""
        cpu_s = time.process_time()
        self._began_ns, self._start_s = time.perf_counter_ns(), self._stage.now_s()
        self._done = await self._run_load()
        self._end_s, self._cpu_s = self._stage.now_s(), time.process_time() - cpu_s

    def measured(self, warmed_keys: int | None) -> MeasuredPhase:
        """All that was measured, once everything beside the load has ended too."""
        phase, samples = self._phase, self._recorder.samples()
        _check_count(phase, self._done, len(samples))
        windows = tuple(fault.window for fault in self.faults if fault.window is not None)
        return MeasuredPhase(
            phase=phase,
            began_ns=self._began_ns,
            span=PhaseSpan(
                phase=phase.name, warmup=phase.warmup, start_s=self._start_s, end_s=self._end_s
            ),
            samples=samples,
            reads=dict(self._caller.reads),
            loads=self._origin.loads,
            findings=self._stage.ledger.findings,
            warmed_keys=warmed_keys,
            cpu_s=self._cpu_s,
            fault_windows=windows,
            health_turned_s=self.watch.turned_s(windows),
            health_recovered_s=self.watch.recovered_s(windows),
            doubts=tuple(fault.doubt for fault in self.faults if fault.doubt is not None),
        )

    async def _run_load(self) -> int:
        stage, load = self._stage, self._phase.load
        if isinstance(load, ClosedLoad):
            return await run_closed_load(
                load, stage.key_names, self._caller, seed=stage.seed, phase=self._position
            )
        return await replay(stage.traces[self._position], self._caller)


async def _prepare(subject: Subject, phase: Phase) -> int | None:
    warmed: int | None = None
    for step in phase.before:
        if step == "warm":
            warmed = (warmed or 0) + await subject.warm()
        else:
            await subject.empty(step.removeprefix("empty_"))
    return warmed


def _scheduled(stage: Stage, phase: str, plan: scenario.Fault) -> ScheduledFault:
    if stage.own_server is None:
        raise FaultError(f"{plan.kind}: only a job's own L2 server may be broken (l2_server)")
    server, url = stage.own_server
    probe = Probe(url, stage.now_s)
    return ScheduledFault(plan, phase, FAULTS[plan.kind](server), probe, stage.now_s)


@asynccontextmanager
async def _beside(faults: Sequence[ScheduledFault], watch: HealthWatch) -> AsyncIterator[None]:
    """Run faults and the health watch while the body's load runs.

    Once the load has ended, faults that are under way are seen to their end, the others dropped.
    """
    if not faults:
        yield
        return
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch.run())
        tasks = [group.create_task(fault.run()) for fault in faults]
        yield
        for fault, task in zip(faults, tasks, strict=True):
            if fault.requested_s is None:
                task.cancel()
        await asyncio.wait(tasks)
        watching.cancel()


def _check_count(phase: Phase, done: int, recorded: int) -> None:
    load = phase.load
    planned = done
    if isinstance(load, ClosedLoad) and load.operations is not None:
        planned = load.users * load.operations
    if not planned == done == recorded:
        raise LoadError(
            f"phase {phase.name}: {planned} operations planned, {done} done, {recorded} recorded"
        )
