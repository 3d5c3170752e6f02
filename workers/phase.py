"""Runs one phase: its steps before, then its load with faults and a health watch beside it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from pipeline import scenario
from pipeline.load import Load, TraceLoad
from pipeline.scenario import Phase
from results.records import PhaseSpan
from workers.caller import Caller
from workers.coherence import Crossed
from workers.errors import FaultError, LoadError
from workers.faults.probe import Probe
from workers.faults.registry import FAULTS
from workers.faults.schedule import ScheduledFault
from workers.generator import Generated, Setting, generator_of
from workers.health import HealthWatch
from workers.machine import MachineWatch
from workers.measured import MeasuredPhase
from workers.origin import Origin
from workers.recorder import Recorder
from workers.server_view import difference
from workers.stage import Stage, prepare, server_view


async def run_phase(stage: Stage, position: int, phase: Phase) -> MeasuredPhase:
    """Run one phase of an attempt to its end.

    Args:
        stage: What all phases share.
        position: The phase's place in its scenario, from 0.
        phase: What to do.

    Raises:
        LoadError: Fewer operations were done than planned.
        FaultError: A fault could not be undone.
        InvalidAttemptError: Not all workers of the group came in time.
    """
    warmed_keys = await prepare(stage, phase)
    stage.ledger.begin_phase()
    running = _RunningPhase(stage, position, phase)
    before = await server_view(stage)
    start_offset_s = await stage.group.start(phase.name)
    async with _beside(running.faults, running.watch):
        await running.do_load()
    server = difference(before, await server_view(stage))
    return running.measured(
        warmed_keys=warmed_keys,
        crossed=await running.compare(),
        start_offset_s=start_offset_s if stage.group.shards > 1 else None,
        server=server,
    )


class _RunningPhase:
    """A phase's own recorder, origin, caller and faults, and the times of its load."""

    def __init__(self, stage: Stage, position: int, phase: Phase) -> None:
        self._stage = stage
        self._phase = phase
        self._recorder = Recorder()
        self._origin = Origin(stage.ledger, getattr(phase.load, "loader_time_s", 0.0))
        self._crossing = stage.crossing()
        self._caller = Caller(
            self._crossing.subject,
            stage.ledger,
            stage.codes,
            self._recorder.record,
            self._origin.load if getattr(phase.load, "loader", True) else None,
            ttl_of=stage.ttl_of,
        )
        self._generate = generator_of(phase.load, self._setting(position))
        self._generated = Generated(planned=0, done=0)
        self.faults = [_scheduled(stage, phase.name, fault) for fault in phase.faults]
        self.watch = HealthWatch(stage.subject, stage.now_s)
        self._machine = MachineWatch()
        self._began_ns = 0
        self._start_s = self._end_s = self._cpu_s = 0.0

    async def do_load(self) -> None:
        """Do the load, and nothing else between the looks at the clocks."""
        async with self._machine:
            cpu_s = time.process_time()
            self._began_ns, self._start_s = time.perf_counter_ns(), self._stage.now_s()
            if self._generate is not None:
                self._generated = await self._generate()
            self._end_s, self._cpu_s = self._stage.now_s(), time.process_time() - cpu_s

    async def compare(self) -> Crossed | None:
        """Hold what was read against what other workers wrote meanwhile."""
        return await self._crossing.compare(self._phase.name)

    def measured(
        self,
        *,
        warmed_keys: int | None,
        crossed: Crossed | None,
        start_offset_s: float | None,
        server: Mapping[str, float],
    ) -> MeasuredPhase:
        """All that was measured, once everything beside the load has ended too."""
        phase, generated = self._phase, self._generated
        schedule = generated.schedule
        samples = self._recorder.samples(generated.due_ns)
        self._recorder.forget()
        _check_count(phase, generated, len(samples))
        windows = tuple(fault.window for fault in self.faults if fault.window is not None)
        return MeasuredPhase(
            phase=phase,
            began_ns=self._began_ns if schedule is None else schedule.began_ns,
            span=PhaseSpan(
                phase=phase.name,
                warmup=phase.warmup,
                loop=_loop_of(phase.load),
                start_s=self._start_s,
                end_s=self._end_s,
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
            skipped=self._generate is None,
            unsupported=_is_unsupported(phase.load, self._caller),
            offered=None if schedule is None else schedule.offered,
            dropped=0 if schedule is None else schedule.dropped,
            left_over=0 if schedule is None else schedule.left_over,
            lag_ns=None if schedule is None else schedule.lag_ns,
            trials=generated.trials,
            machine=self._machine.view(),
            server=server,
            start_offset_s=start_offset_s,
            clock_error_s=_clock_error_s(self._stage),
            staleness_ns=None if crossed is None else crossed.of_all_ns,
            cross_reads=None if crossed is None else crossed.reads,
            cross_stale_reads=None if crossed is None else len(crossed.staleness_ns),
        )

    def _setting(self, position: int) -> Setting:
        stage = self._stage
        return Setting(
            phase=self._phase.name,
            position=position,
            seed=stage.seed,
            key_names=stage.key_names,
            caller=self._caller,
            recorder=self._recorder,
            codes=stage.codes,
            part=stage.part,
            trace=stage.traces.get(position),
        )


def _is_unsupported(load: Load, caller: Caller) -> bool:
    return not isinstance(load, TraceLoad) and caller.operations.keys().isdisjoint(load.mix)


def _loop_of(load: Load) -> str:
    """Which loop its figures come from; a trace is replayed in the one or in the other."""
    if isinstance(load, TraceLoad):
        return "open" if load.timed else "closed"
    return load.kind


def _clock_error_s(stage: Stage) -> float | None:
    return stage.group.clock.error_ns / 1e9 if stage.group.shards > 1 else None


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


def _check_count(phase: Phase, generated: Generated, recorded: int) -> None:
    if not generated.planned == generated.done == recorded:
        raise LoadError(
            f"phase {phase.name}: {generated.planned} operations planned, "
            f"{generated.done} done, {recorded} recorded"
        )
