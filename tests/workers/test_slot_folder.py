"""The folders of slots: removed once nobody is left who uses them."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from workers.slot_folder import PREFIX, SlotFolder, remove_abandoned


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_abandoned_once_all_who_use_it_have_ended() -> None:
    """The supervisor, and the worker process that inherited the lock."""
    folder = SlotFolder()
    remove_abandoned()
    assert folder.path.exists()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, pass_fds=(folder.lock,)):
        os.close(folder.lock)
        remove_abandoned()
        assert folder.path.exists()
    remove_abandoned()
    assert not folder.path.exists()


def test_a_folder_in_the_making_is_left_alone(temporary: Path) -> None:
    """It has no lock yet."""
    made = temporary / f"{PREFIX}new"
    made.mkdir()
    remove_abandoned()
    assert made.exists()


def test_a_folder_is_removed_with_all_that_is_in_it() -> None:
    """As its process ends."""
    folder = SlotFolder()
    (folder.path / "ticks").write_text("1")
    folder.remove()
    assert not folder.path.exists()
