"""Ten thousand inputs that nobody meant: errors, never a traceback, a hang or half a run."""

from functools import partial
from pathlib import Path

import pytest

from tests.fuzz import command_lines, messages, payloads, scenario_files, traces
from tests.fuzz.conftest import cut_off
from tests.fuzz.trying import try_all

__all__ = ["cut_off"]

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]

COUNT = 2_000
SEED = 7


@pytest.mark.parametrize("kind", [messages, payloads, scenario_files, traces])
def test_two_thousand_of_each_kind_are_refused_or_read(kind: object, tmp_path: Path) -> None:
    """Some are still good, most are not."""
    good = try_all(kind.cases, kind.try_out, COUNT, tmp_path, SEED)
    assert 0 < good < COUNT


@pytest.mark.usefixtures("cut_off")
@pytest.mark.parametrize("with_results", [False, True])
@pytest.mark.parametrize("with_broker", [False, True])
def test_two_thousand_command_lines_end_well_or_in_a_line(
    tmp_path: Path, redis_url: str, *, with_results: bool, with_broker: bool
) -> None:
    """In an empty folder and in one with runs, where a broker answers and where none does."""
    results = tmp_path / "results.db"
    if with_results:
        command_lines.make_results(results)
    try_out = partial(
        command_lines.try_out,
        broker_url=redis_url if with_broker else command_lines.NOBODY,
        results=results if with_results else None,
    )
    seed = SEED + 2 * with_results + with_broker
    try_all(command_lines.cases, try_out, COUNT // 4, tmp_path, seed)
