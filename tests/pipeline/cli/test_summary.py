"""The table at the end of a run."""

from typing import Any

from pipeline.cli.summary import summary_table

RESULT = {"verdict": "pass", "tests_passed": 8, "tests_failed": 0, "tests_unknown": 0}


def report(**changes: Any) -> dict[str, Any]:
    """A report of one scenario, as far as the table reads it."""
    return {"results": {"small": {"subjects": {"multilevel": RESULT | changes}}}}


def headers(told: dict[str, Any], width: int) -> list[str]:
    """The names of the table's columns."""
    return [str(column.header) for column in summary_table(told, width).columns]


def test_a_narrow_terminal_is_spared_empty_columns() -> None:
    """Failed and unknown tests have a column where there are any, or room for it."""
    assert {"failed", "unknown"} <= set(headers(report(), 100))
    assert not {"failed", "unknown"} & set(headers(report(), 80))
    assert "failed" in headers(report(tests_failed=1), 80)
