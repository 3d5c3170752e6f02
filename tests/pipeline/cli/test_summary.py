"""The table at the end of a run, and what is said below it."""

from typing import Any

from rich.console import Console

from pipeline.cli.summary import recording_line, summary_table
from tests.pipeline.cli.reports import a_report, a_result


def headers(told: dict[str, Any]) -> list[str]:
    """The names of the table's columns."""
    return [str(column.header) for column in summary_table(told).columns]


def cells(told: dict[str, Any], header: str) -> list[str]:
    """What stands in one column."""
    (column,) = [each for each in summary_table(told).columns if each.header == header]
    return [str(cell) for cell in column.cells]


def test_columns_without_a_figure_are_left_out() -> None:
    """Failed and unknown tests have a column where there are any."""
    assert not {"failed", "unknown", "highest"} & set(headers(a_report()))
    assert "failed" in headers(a_report(a_result(tests_failed=1)))


def test_every_line_says_which_loop_its_figures_come_from() -> None:
    """An open loop's figures are not those of a closed one."""
    assert cells(a_report(a_result(loop="open, closed")), "loop") == ["open, closed"]


def test_a_search_tells_the_highest_rate() -> None:
    """Beside the throughput, which is of all its trials."""
    assert cells(a_report(a_result(highest_rate_ops_per_second=46_297.0)), "highest") == ["46,297"]


def test_a_narrow_terminal_loses_no_figure() -> None:
    """Names are folded there; the scenario's is not left out."""
    console = Console(width=60)
    with console.capture() as captured:
        console.print(summary_table(a_report(a_result(tests_failed=1, tests_unknown=2))))
    text = captured.get()
    assert "small" in text
    assert "…" not in text


def test_peers_have_no_line() -> None:
    """The table is about the subject under test."""
    peer = a_result("null", peer=True, tests_passed=3)
    assert cells(a_report(a_result(), peer), "passed") == ["8"]


def test_the_cost_of_recording_is_told() -> None:
    """The range over a run's subjects; nothing where nobody measured it."""
    assert recording_line(a_report()) is None
    one, other = a_result(recorder_cost_us=0.312), a_result("null", recorder_cost_us=0.29)
    assert recording_line(a_report(one)) == "recording cost 0.31 us an operation"
    assert recording_line(a_report(one, other)) == "recording cost 0.29 to 0.31 us an operation"
