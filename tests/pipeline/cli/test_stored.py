"""What commands ask of a results database before they go on."""

from pathlib import Path

import pytest

from pipeline.cli.stored import check_space
from results.errors import StoreUnavailableError


def test_a_disk_without_room_is_told() -> None:
    """A system folder that never has any stands for a full disk."""
    with pytest.raises(StoreUnavailableError, match="no space left on the disk of /proc/results"):
        check_space("sqlite:////proc/results.db")


def test_room_is_asked_of_files_alone(tmp_path: Path) -> None:
    """A disk with room is passed over, and so is a server that looks after its own."""
    check_space(f"sqlite:///{tmp_path / 'results.db'}")
    check_space("postgresql://u@127.0.0.1:1/results")
