"""The folder between a worker process and its supervisor."""

from pathlib import Path

import pytest

from results.records import WorkerIdentity
from workers.errors import NotSupervisedError
from workers.slot import FOLDER_VARIABLE, Holding, Slot

HOLDING = Holding(attempt_id="a1", job_id="j1", limit_s=30.0)


def test_the_supervisor_reads_what_the_process_wrote(tmp_path: Path) -> None:
    """Two slots of one folder are the two ends."""
    process, supervisor = Slot(tmp_path), Slot(tmp_path)
    assert (supervisor.identity(), supervisor.holding(), supervisor.ticks()) == (None, None, "")
    identity = WorkerIdentity(worker_id="w1", host="here", pid=7)
    process.announce(identity)
    process.hold(HOLDING)
    assert supervisor.identity() == identity
    assert supervisor.holding() == HOLDING
    process.let_go()
    assert supervisor.holding() is None
    assert supervisor.doom() is None
    process.foretell("by a fault")
    assert supervisor.doom() == "by a fault"


def test_each_tick_makes_a_difference(tmp_path: Path) -> None:
    """A supervisor that compares two looks sees whether the loop turned."""
    slot = Slot(tmp_path)
    seen = [slot.ticks()]
    for _ in range(3):
        slot.tick()
        seen.append(slot.ticks())
    assert len(set(seen)) == 4


def test_a_worker_without_a_supervisor_says_how_to_start_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Claims would run out unseen."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    with pytest.raises(NotSupervisedError, match="bench worker"):
        Slot.of_environment()
