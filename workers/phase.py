"""Runs one phase: its steps before, then its load with faults and a health watch beside it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from pipeline.load import Load, TraceLoad
from pipeline.scenario import Phase
from results.attempt_result import PhaseSpan
from workers.caller import Caller
from workers.checker.checked import Checked
from workers.errors import LoadError
from workers.faults.timetable import Timetable
from workers.generator import Generated, Generator, Setting, generator_of
from workers.health import HealthWatch
from workers.machine import MachineWatch
from workers.measured import MeasuredPhase
from workers.origin import Origin
from workers.recorder import Recorder
from workers.server_view import difference
from workers.stage import Stage, prepare, server_view
from workers.subjects.restartable import RestartableSubject


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
    async with running.watched(), running.faults.running():
        await running.do_load()
    server = difference(before, await server_view(stage))
    return running.measured(
        warmed_keys=warmed_keys,
        checked=await stage.history.check(phase.name),
        start_offset_s=start_offset_s if stage.group.shards > 1 else None,
        server=server,
    )


class _RunningPhase:
    """A phase's own recorder, origin, caller and faults, and the times of its load."""

    def __init__(self, stage: Stage, position: int, phase: Phase) -> None:
        self._stage = stage
        self._phase = phase
        self._recorder = Recorder()
        loader_time_s = getattr(phase.load, "loader_time_s", 0.0)
        self._origin = Origin(stage.ledger, loader_time_s, stage.ground.loader)
        self._caller = Caller(
            stage.history.subject,
            stage.ledger,
            stage.codes,
            self._recorder.record,
            self._origin.load if getattr(phase.load, "loader", True) else None,
            ttl_of=stage.ttl_of,
        )
        broken = phase if stage.has_support else replace(phase, faults=())
        self.faults = Timetable(broken, stage.ground, stage.group.shard, stage.now_s, stage.windows)
        self._has_support = stage.has_support and self.faults.has_support
        self._restarts = phase.restart == stage.group.shard
        self._generate = self._generator(position)
        self._generated = Generated(planned=0, done=0)
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

    def measured(
        self,
        *,
        warmed_keys: int | None,
        checked: Checked,
        start_offset_s: float | None,
        server: Mapping[str, float],
    ) -> MeasuredPhase:
        """All that was measured, once everything beside the load has ended too."""
        phase, generated = self._phase, self._generated
        schedule = generated.schedule
        samples = self._recorder.samples(generated.due_ns)
        self._recorder.forget()
        _check_count(phase, generated, len(samples))
        windows = self.faults.windows
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
            load_began_ns=self._origin.began_ns,
            findings=self._stage.ledger.findings,
            warmed_keys=warmed_keys,
            cpu_s=self._cpu_s,
            fault_windows=windows,
            health_turned_s=self.watch.turned_s(windows),
            health_recovered_s=self.watch.recovered_s(windows),
            health=tuple(self.watch.seen),
            doubts=self.faults.doubts,
            skipped=self._generate is None or self._restarts,
            unsupported=not self._has_support or _is_unsupported(phase.load, self._caller),
            offered=None if schedule is None else schedule.offered,
            dropped=0 if schedule is None else schedule.dropped,
            left_over=0 if schedule is None else schedule.left_over,
            arrivals_ns=None if schedule is None else schedule.arrivals_ns,
            lag_ns=None if schedule is None else schedule.lag_ns,
            trials=generated.trials,
            machine=self._machine.view(),
            server=server,
            start_offset_s=start_offset_s,
            clock_error_s=_clock_error_s(self._stage),
            checked=checked,
        )

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch the subject's health meanwhile, where something is broken."""
        if not self._phase.faults:
            yield
            return
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self.watch.run())
            yield
            watching.cancel()

    def _generator(self, position: int) -> Generator | None:
        """What does the load; nothing does where its faults could break nothing."""
        if not self._has_support:
            return None
        if self._restarts:
            return self._restart
        return generator_of(self._phase.load, self._setting(position))

    async def _restart(self) -> Generated:
        """Leave and come back while the other workers do the load."""
        subject = self._stage.subject
        if isinstance(subject, RestartableSubject):
            await subject.restart(getattr(self._phase.load, "duration_s", 0.0) / 2)
        return Generated(planned=0, done=0)

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


def _check_count(phase: Phase, generated: Generated, recorded: int) -> None:
    if not generated.planned == generated.done == recorded:
        raise LoadError(
            f"phase {phase.name}: {generated.planned} operations planned, "
            f"{generated.done} done, {recorded} recorded"
        )
