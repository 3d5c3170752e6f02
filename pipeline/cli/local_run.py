"""The story of `bench run`: services, workers, jobs, the end, in whatever way it comes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline import turns
from pipeline.broker import make_broker
from pipeline.cli.conclusion import conclude
from pipeline.cli.errors import UsageError, say
from pipeline.cli.interruption import Interrupted
from pipeline.cli.l3 import check_l3
from pipeline.cli.progress import wait_for
from pipeline.cli.stored import check_space
from pipeline.cli.workers import Workers, running_workers
from pipeline.enqueue import enqueue
from pipeline.local import local_services
from pipeline.plan import Plan, Services
from pipeline.settings import Settings
from pipeline.subjects import own
from results.store import Store

_RECENT_RUNS = 10


@dataclass(frozen=True, slots=True)
class LocalRun:
    """A planned run, with what this machine starts for it.

    Args:
        plan: What is run.
        services: Where the services come from.
        workers: Measuring processes, from 1.
        log: Where the workers' output goes; to stderr where None.
        in_turn: Whether the workers do no two jobs at once but those of one group.
        destructible: URLs of servers of others that faults may break.
    """

    plan: Plan
    services: Services
    workers: int
    log: Path | None
    in_turn: bool = False
    destructible: tuple[str, ...] = ()

    def report(self, path: Path, *, as_json: bool) -> int:
        """Do the whole run and report it, in a file and on stdout.

        Returns:
            The exit code.
        """
        run_id = self.plan.run.run_id
        return self.concluded_by(lambda store: conclude(store, run_id, path, as_json=as_json))

    def concluded_by(self, end: Callable[[Store], int]) -> int:
        """Do the whole run; what was measured before a signal is concluded too.

        Args:
            end: Tells what was measured, and which exit code that is.

        Returns:
            The exit code.
        """
        settings = Settings.read()
        if settings.l3_url is not None:
            check_l3(settings.l3_url)
        if self.services == "docker":
            say("starting Redis in containers")
        with (
            local_services(self.services, settings) as running,
            Store.open(running.results_url) as store,
        ):
            _cancel_abandoned(store)
            signalled = self._measure(store, running)
            if signalled and not store.progress(self.plan.run.run_id).total:
                say("stopped before anything was enqueued")
                return signalled
            code = end(store)
        return signalled or code

    def _running_workers(self, settings: Settings) -> AbstractContextManager[Workers]:
        environment = settings.environment() | turns.telling(in_turn=self.in_turn)
        allowed = own(self.plan.run.subjects)
        return running_workers(self.workers, environment, self.log, allowed, self.destructible)

    def _measure(self, store: Store, settings: Settings) -> int | None:
        """Have every job done; the exit code where a signal came before the end."""
        run_id = self.plan.run.run_id
        try:
            with (
                self._running_workers(settings) as workers,
                _cancelled_unless_ended(store, run_id),
            ):
                with closing(make_broker(settings.broker_url)) as broker:
                    enqueue(store, broker, self.plan)
                size = len(self.plan.jobs)
                jobs = f"{size} job{'' if size == 1 else 's'}"
                say(f"run {run_id}: {jobs}, seed {self.plan.run.seed}")
                wait_for(store, self.plan, partial(_check, workers, settings.results_url))
        except Interrupted as stop:
            return stop.exit_code
        return None


def enough_workers(plan: Plan, asked_for: int | None) -> int:
    """How many measuring processes to start: what the plan needs, or more where asked for.

    Args:
        plan: What is run.
        asked_for: By the user, from 1; None where that is left open.

    Raises:
        UsageError: Fewer than a scenario's workers, who could never start together.
    """
    needed = max(plan.workers_at_once, 1)
    if asked_for is None:
        return needed
    if asked_for < needed:
        largest = next(job.scenario for job in plan.jobs if job.shard == needed - 1)
        raise UsageError(
            f"--workers {asked_for}: {largest} needs {needed} workers at the same time; "
            f"give --workers {needed}, or leave it out"
        )
    return asked_for


def _check(workers: Workers, results_url: str) -> None:
    workers.check()
    check_space(results_url)


@contextmanager
def _cancelled_unless_ended(store: Store, run_id: str) -> Iterator[None]:
    """End the jobs that nobody waits for any more, or the next workers would take them up."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, Interrupted):
            say("stopping; what was measured so far is kept (again: stop at once)")
        store.cancel_run(run_id)
        raise


def _cancel_abandoned(store: Store) -> None:
    """Cancel what a killed `bench run` has left open, or this run's workers would take it up."""
    if store.live_workers():
        return
    for stored in store.runs(_RECENT_RUNS):
        run = stored.run
        if run.services != "urls" and store.cancel_run(run.run_id):
            say(f"cancelled run {run.run_id}, which was left open by a `bench run` that was killed")
