"""A folder of its own for each story, with the time that a whole suite takes."""

from pathlib import Path

import pytest

from tests.support.command import Bench

SUITE_S = 540


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The command in a new folder."""
    return Bench(tmp_path, timeout_s=SUITE_S)
