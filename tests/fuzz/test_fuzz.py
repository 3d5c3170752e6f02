"""A few of each kind of inputs that nobody meant; `tests/stories/test_fuzz.py` has thousands."""

from pathlib import Path

import pytest

from tests.fuzz import command_lines, messages, payloads, scenario_files, traces
from tests.fuzz.trying import try_all

SAMPLE = 50


@pytest.mark.parametrize("kind", [messages, payloads, scenario_files, traces])
def test_what_is_damaged_is_refused_or_read(kind: object, tmp_path: Path) -> None:
    """An error of ours or a success, never another error, and soon."""
    assert try_all(kind.cases, kind.try_out, 2 * SAMPLE, tmp_path) < 2 * SAMPLE


@pytest.mark.usefixtures("cut_off")
def test_damaged_command_lines_are_told_in_a_line(tmp_path: Path) -> None:
    """An exit code of the command's own, and nothing half-written."""
    assert try_all(command_lines.cases, command_lines.try_out, SAMPLE, tmp_path) < SAMPLE


def test_a_grid_is_among_the_valid_ones(tmp_path: Path) -> None:
    """Or its mutations would all be refused for the same reason."""
    assert scenario_files.try_out(scenario_files.GRID, tmp_path)
