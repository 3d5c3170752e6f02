"""Signals to `bench run`: it stops in order, keeps what was measured, and leaves nobody behind."""

import json
import signal
from collections.abc import Iterator

import psutil
import pytest

from pipeline.bundle import collect
from pipeline.plan import new_run_id, plan_run
from results.store import Store
from tests.pipeline.cli.conftest import SMALL, wait_for_job
from tests.support.command import Bench, descendants

SLOW = ("--set", "think_time_s=0.5", "--set", "operations=400")


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """A shell that runs the tests in the background makes them, and what they start, ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_was_measured_is_reported(bench: Bench, signum: signal.Signals, code: int) -> None:
    """The first scenario's figures are there, the second's job is cancelled, all have stopped."""
    bench.write("quick_one.toml", SMALL.replace('"small"', '"quick_one"'))
    bench.write("slow.toml", SMALL.replace('"small"', '"slow"').replace("= 0.0", "= 0.5"))
    with bench.running("run", "quick_one.toml", "slow.toml", "--set", "operations=400") as process:
        wait_for_job(bench, "running", "slow")
        family = descendants(process)
        process.send_signal(signum)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    assert not _alive(family)
    report = json.loads((bench.folder / ".bench" / "report.json").read_text())
    assert report["summary"]["cancelled"]
    assert report["results"]["quick_one"]["jobs"]["accepted"] == 1
    assert report["results"]["slow"]["jobs"]["accepted"] == 0
    assert bench.json("status")["runs"][0]["counts"]["cancelled"] == 1


def test_a_second_signal_stops_at_once(bench: Bench, small: str) -> None:
    """Everything is killed, even where stopping in order hangs."""
    with bench.running("run", small, *SLOW) as process:
        wait_for_job(bench, "running")
        family = descendants(process)
        supervisor = _supervisor(family)
        supervisor.suspend()
        process.send_signal(signal.SIGINT)
        for line in process.stderr or ():
            if "stopping" in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=8)
    assert process.returncode == 130
    assert not _alive(family)


def test_dead_workers_end_the_run_with_their_last_words(bench: Bench, small: str) -> None:
    """A supervisor that ends is reported with its log, and the run does not hang."""
    with bench.running("run", small, *SLOW) as process:
        wait_for_job(bench, "running")
        family = descendants(process)
        _supervisor(family).kill()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "the workers ended by themselves" in errors
    assert "worker.log" in errors
    assert not _alive(family)


def test_a_killed_command_takes_its_workers_and_servers_along(bench: Bench, small: str) -> None:
    """SIGKILL leaves nobody the time to clean up; the others notice and end by themselves."""
    with bench.running("run", small, *SLOW) as process:
        wait_for_job(bench, "running")
        family = descendants(process)
        process.kill()
        process.communicate()
    assert not _alive(family, timeout_s=30)


def test_jobs_that_nobody_waits_for_are_cancelled_by_the_next_run(bench: Bench, small: str) -> None:
    """What a killed command has left open is not measured in the midst of another run."""
    path = bench.folder / small
    left = plan_run(collect([str(path)]), run_id=new_run_id(), seed=1, services="embedded")
    with Store.open(f"sqlite:///{bench.folder / '.bench' / 'results.db'}") as store:
        store.create_run(left.run, left.jobs, left.files)
    done = bench("run", small)
    assert done.returncode == 0, done.stderr
    assert f"cancelled run {left.run.run_id}" in done.stderr
    assert bench.json("status", left.run.run_id)["state"] == "cancelled"


def _supervisor(family: list[psutil.Process]) -> psutil.Process:
    return next(each for each in family if "workers.supervisor" in each.cmdline())


def _alive(family: list[psutil.Process], timeout_s: float = 5) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(family, timeout=timeout_s)
    return alive
