"""A worker process as its supervisor judges it, by what lies in its slot."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.waiting import wait_until
from workers import process
from workers.crew import HASTY_S
from workers.job import CLAIM_PERIOD_S
from workers.process import WorkerProcess
from workers.slot import Holding, Slot
from workers.subjects.own import ALLOWED_VARIABLE

HOLDING = Holding(attempt_id="a1", job_id="j1", limit_s=60.0)


@pytest.fixture
def idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[WorkerProcess, Slot]]:
    """A process that does nothing by itself, with its end of the slot."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(
        process, "_command", lambda: [sys.executable, "-c", "import signal; signal.pause()"]
    )
    monkeypatch.setattr(process, "SILENT_S", 0.2)
    started = WorkerProcess(1, None)
    (folder,) = tmp_path.iterdir()
    yield started, Slot(folder)
    started.kill()
    started.remove()


def test_a_loop_that_turned_unseen_has_not_stood_still(idle: tuple[WorkerProcess, Slot]) -> None:
    """Whoever was kept from looking by a database that was away must not blame the process."""
    worker, slot = idle
    assert not worker.is_silent()
    slot.hold(HOLDING)
    wait_until(worker.is_silent, what="patience at its end")
    slot.tick()
    assert not worker.is_silent()
    assert worker.has_ticked()
    assert not worker.has_ticked()


def test_patience_begins_with_the_attempt(idle: tuple[WorkerProcess, Slot]) -> None:
    """No loop ticks between attempts: who was idle for long is not silent as it takes the next."""
    worker, slot = idle
    for attempt_id in ("a1", "a2"):
        slot.hold(replace(HOLDING, attempt_id=attempt_id))
        assert not worker.is_silent()
        wait_until(worker.is_silent, what="patience at its end")


def test_a_stopped_process_is_replaced_in_time() -> None:
    """Its job goes on within 30 s with nobody else there, too: a successor starts in seconds."""
    assert CLAIM_PERIOD_S < process.SILENT_S <= 30.0 - HASTY_S


def test_who_holds_nothing_may_be_silent(idle: tuple[WorkerProcess, Slot]) -> None:
    """Only the event loop of a job ticks."""
    worker, slot = idle
    slot.hold(HOLDING)
    wait_until(worker.is_silent, what="patience at its end")
    slot.let_go()
    assert not worker.is_silent()


def test_a_dismissal_is_told_once(idle: tuple[WorkerProcess, Slot]) -> None:
    """A second SIGTERM would tell Dramatiq to drop everything."""
    worker, _slot = idle
    assert worker.dismissed_for_s is None
    worker.dismiss("nobody wants it")
    worker.dismiss("nobody wants it")
    wait_until(lambda: worker.death is not None, what="its end")
    assert worker.dismissed_for_s is not None


def test_a_process_may_import_what_its_supervisor_was_told(
    idle: tuple[WorkerProcess, Slot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in the supervisor's own environment allows nothing."""
    monkeypatch.setenv(ALLOWED_VARIABLE, "os:system")
    worker, _slot = idle
    assert worker._environment(None, ())[ALLOWED_VARIABLE] == ""
    assert worker._environment(None, ["a:b", "c:d"])[ALLOWED_VARIABLE] == "a:b,c:d"
