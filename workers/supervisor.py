"""The supervisor: starts worker processes, keeps their claims, and looks after runs.

It does not measure. Whatever dies, a supervisor somewhere notices: its own processes at once,
others when their claims run out.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from pipeline.broker import make_broker, ping
from pipeline.errors import PipelineError
from pipeline.settings import Settings
from results.errors import ResultsError
from results.store import Store
from workers import log
from workers.crew import Crew
from workers.destructive import allowing_destruction
from workers.slot_folder import remove_abandoned
from workers.upkeep import Outages, Upkeep

LOOK_EVERY_S = 0.25
UPKEEP_EVERY_S = 2.0


class Stop:
    """Whether the supervisor was told to stop; a second signal kills its processes at once."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            self._crew.kill()
            sys.exit(1)
        self.asked = True


def supervise(
    settings: Settings, processes: int, samples: Path | None, allowed: Sequence[str] = ()
) -> None:
    """Run worker processes until a signal says to stop.

    Args:
        settings: Where the services are.
        processes: How many, from 1.
        samples: The folder for raw timings; None where they are not written.
        allowed: Import paths of the subjects that they may import beside installed ones.

    Raises:
        ServiceUnavailableError: The broker does not answer.
        StoreUnavailableError: The results database does not answer.
    """
    ping(settings.broker_url)
    remove_abandoned()
    broker = make_broker(settings.broker_url)
    with Store.open(settings.results_url) as store:
        outages = Outages()
        crew = Crew(store, processes, samples, allowed)
        stop = Stop(crew)
        try:
            _watch(crew, Upkeep(store, broker, outages), outages, stop)
        finally:
            with outages.waited_out("store"):
                crew.stop()
            broker.close()


def _watch(crew: Crew, upkeep: Upkeep, outages: Outages, stop: Stop) -> None:
    next_upkeep_at = time.monotonic()
    while not stop.asked:
        crew.restart_the_dead()
        if crew.has_claims_to_look_after:
            with outages.waited_out("store"):
                crew.look_after_claims()
        if time.monotonic() >= next_upkeep_at:
            with outages.waited_out("store", "broker"):
                upkeep.run()
            next_upkeep_at = time.monotonic() + UPKEEP_EVERY_S
        time.sleep(LOOK_EVERY_S)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -P -m workers.supervisor`; returns its exit code."""
    parser = argparse.ArgumentParser(prog="workers.supervisor", description=__doc__)
    parser.add_argument("--processes", type=_count, default=1, help="worker processes, from 1")
    parser.add_argument("--samples", type=Path, help="also write raw timings into this folder")
    parser.add_argument(
        "--allow-subject", action="append", default=[], help="a subject that may be imported"
    )
    parser.add_argument(
        "--allow-destructive", action="append", default=[], help="a server that faults may break"
    )
    given = parser.parse_args(arguments)
    log.set_up("supervisor")
    os.environ.update(allowing_destruction(given.allow_destructive))
    try:
        samples = None if given.samples is None else given.samples.resolve()
        supervise(Settings.read(), given.processes, samples, given.allow_subject)
    except (PipelineError, ResultsError) as error:
        log.event(str(error))
        return 1
    return 0


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} processes can do no jobs; give 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
