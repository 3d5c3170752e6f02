"""What a job leaves behind on its machine is found, and is an error."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import wait_until
from workers import leftovers
from workers.errors import LeftoverError
from workers.leftovers import check_nothing_left, children

_SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_job_that_has_cleaned_up_left_nothing(tmp_path: Path) -> None:
    """What was there before is nobody's leftover, and neither is what has ended."""
    with subprocess.Popen(_SLEEPER) as earlier:
        before = children()
        with subprocess.Popen([sys.executable, "-c", ""]):
            check_nothing_left(before, tmp_path)
        earlier.kill()


def test_a_process_that_still_runs_is_an_error_and_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named; the next job must not meet it."""
    monkeypatch.setattr(leftovers, "_WITHIN_S", 0.05)
    before = children()
    with subprocess.Popen(_SLEEPER) as left:
        with pytest.raises(LeftoverError, match=rf"left over after the job: process {left.pid} \("):
            check_nothing_left(before, tmp_path)
        wait_until(lambda: left.poll() is not None)


def test_files_are_an_error(tmp_path: Path) -> None:
    """A few of them are named."""
    (tmp_path / "l3").mkdir()
    for number in range(4):
        (tmp_path / "l3" / f"{number}.db").touch()
    with pytest.raises(LeftoverError) as error:
        check_nothing_left(children(), tmp_path)
    assert str(error.value) == (
        "left over after the job: file l3, file l3/0.db, file l3/1.db and 2 more"
    )
