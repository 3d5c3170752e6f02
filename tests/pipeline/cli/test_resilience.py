"""The table of faults at the end of a run, and the proofs below it."""

from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from pipeline.cli.resilience import finding_lines, has_faults, resilience_table
from tests.pipeline.cli.reports import a_report, a_result

WHOLE: Mapping[str, Any] = {
    "kind": "l2_kill",
    "phase": "load",
    "number": 0,
    "detect_s": 0.025,
    "recover_s": 0.5,
    "unrecovered_s": None,
    "availability": 1.0,
    "amplification": 1.25,
    "max_staleness_ms": 12.0,
    "lost_writes": 0.0,
}
STALE = {
    "kind": "stale_reads",
    "phase": "load",
    "count": 1_234,
    "text": "read revision 1 of k:0 after it was replaced",
    "example": [
        {"operation": "write", "key": "k:0", "value": 2, "worker": 0, "began_s": 0.1,
         "ended_s": 0.2},
        {"operation": "delete", "key": "k:0", "value": None, "worker": 1, "began_s": 0.15,
         "ended_s": None},
        {"operation": "clear", "key": None, "value": None, "worker": 1, "began_s": 0.2,
         "ended_s": 0.25},
        {"operation": "read", "key": "k:0", "value": None, "worker": 2, "began_s": 0.3,
         "ended_s": 0.4},
    ],
}  # fmt: skip
FAILED = {"metric": "stale_reads", "verdict": "fail"}


def _window(before: float = 3.0, during: float = 25.0, after: float = 4.0, **changes: Any) -> Any:
    times = {"before": before, "during": during, "after": after}
    loads = {"before": 1.0, "during": 1.25, "after": 1.0, **changes.pop("loads", {})}
    parts = {
        part: {"all": {"p99_ms": p99_ms}, "loads": loads[part]} for part, p99_ms in times.items()
    }
    return {**WHOLE, "parts": parts, **changes}


def _lines(told: Mapping[str, Any]) -> list[str]:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(resilience_table(told))
    return [line.rstrip() for line in captured.get().splitlines()]


def _cells(told: Mapping[str, Any]) -> list[list[str]]:
    """The words of each line below the head."""
    lines = _lines(told)
    head = next(place for place, line in enumerate(lines) if line.startswith("──"))
    return [line.split() for line in lines[head + 1 :] if line]


def _found(*windows: Any, **changes: Any) -> dict[str, Any]:
    return a_result(resilience=list(windows), **changes)


def test_a_run_without_faults_has_no_table() -> None:
    """Nor has a report of before there was one."""
    assert resilience_table(a_report()) is None
    assert resilience_table(a_report(a_result(resilience=[]))) is None
    assert not has_faults(a_report()["results"]["small"])


def test_a_fault_has_its_figures_on_one_line() -> None:
    """Detected, recovered, availability, p99 before, during and after, loads, staleness, lost."""
    (cells,) = _cells(a_report(_found(_window())))
    assert cells == [
        "small", "pass", "0.025", "0.5", "100", "3", "25", "4", "1.25", "12", "0",
    ]  # fmt: skip


def test_a_fault_that_came_again_has_its_worst_figures() -> None:
    """The lowest availability, the highest of all else."""
    worse = _window(9.0, 20.0, 40.0, number=1, availability=0.5, detect_s=0.75, lost_writes=3.0)
    (cells,) = _cells(a_report(_found(_window(), worse)))
    assert cells[2:] == ["0.75", "0.5", "50", "9", "25", "40", "1.25", "12", "3"]
    (cells,) = _cells(a_report(_found(_window(), {**worse, "detect_s": None})))
    assert cells[2:4] == ["0.5", "50"]


def test_faults_of_different_kinds_have_their_own_lines() -> None:
    """With the kind behind the scenario's name, or the phase where the kind is the same."""
    other = _window(kind="l3_gone", phase="late")
    cells = _cells(a_report(_found(_window(), other)))
    assert [each[:2] for each in cells] == [["small", "l2_kill"], ["small", "l3_gone"]]
    cells = _cells(a_report(_found(_window(), _window(phase="late"))))
    assert [each[:2] for each in cells] == [["small", "load"], ["small", "late"]]


@pytest.mark.parametrize(
    ("availability", "shown"), [(0.99999, "99.99"), (1.0, "100"), (0.57, "57"), (0.0, "0")]
)
def test_what_failed_once_is_not_rounded_away(availability: float, shown: str) -> None:
    """100 % is said of nothing less."""
    (cells,) = _cells(a_report(_found(_window(availability=availability))))
    assert cells[4] == shown


def test_a_fault_that_was_not_recovered_from_says_so() -> None:
    """With the time that was watched; what nobody could tell is left empty."""
    window = _window(recover_s=None, unrecovered_s=3.0)
    (cells,) = _cells(a_report(_found(window)))
    assert cells[3] == ">3"
    blank: dict[str, Any] = dict.fromkeys(
        ("detect_s", "amplification", "max_staleness_ms", "lost_writes")
    )
    (cells,) = _cells(a_report(_found(_window(**blank))))
    assert cells == ["small", "pass", "0.5", "100", "3", "25", "4"]


def test_loads_that_nothing_came_before_are_counted() -> None:
    """There is no ratio of them, and they are the worst of several faults."""
    window = _window(amplification=None, loads={"before": 0.0, "during": 700.0})
    (cells,) = _cells(a_report(_found(_window(), window)))
    assert cells[-3] == "+700"
    quiet = _window(amplification=None, loads={"before": 0.0, "during": 0.0})
    (cells,) = _cells(a_report(_found(quiet)))
    assert cells[-3:] == ["4", "12", "0"]


def test_each_subject_has_its_line() -> None:
    """Below the fault; one that lacks what was broken says that, and not that it passed."""
    peer = a_result("redis-py", peer=True, not_supported=["l3", "phase load"])
    label, first, second = _cells(a_report(_found(_window()), peer))
    assert label == ["small"]
    assert first[:3] == ["multilevel", "pass", "0.025"]
    assert second == ["redis-py", "not", "supported"]


def test_a_cell_goes_by_its_fault_and_fits_the_page() -> None:
    """Long names and large figures too, with several subjects."""
    told = a_report(_found(_window(12_345.0, 12_345.0, 12_345.0, availability=0.9999)),
                    a_result("cashews-client-side", peer=True, resilience=[_window()]))  # fmt: skip
    name = "matrix_l2_kill_with_data_l1_l2_l3_writes"
    told["results"] = {
        name: told["results"]["small"],
        "fault_l2_stop": told["results"]["small"],
    }
    lines = _lines(told)
    assert max(map(len, lines)) <= 100
    assert "…" not in "".join(lines)
    assert "l2_stop" in lines


def test_what_was_expected_and_not_met_is_proven() -> None:
    """By the operations of the example; what nobody expected anything of is not told."""
    unread = {**STALE, "kind": "never_read_writes"}
    found = _found(_window(), expectations=[FAILED], findings=[STALE, unread])
    assert [line.plain for line in finding_lines(a_report(found))] == [
        (
            "small: stale reads in load: read revision 1 of k:0 after it was replaced "
            "(1,234 times; this is the first)"
        ),
        "    0.100000 to 0.200000 s: worker 1 wrote revision 2 of k:0",
        "    0.150000 s, never answered: worker 2 deleted k:0",
        "    0.200000 to 0.250000 s: worker 2 cleared everything",
        "    0.300000 to 0.400000 s: worker 3 read nothing of k:0",
    ]


def test_a_peers_findings_are_told_in_a_line() -> None:
    """The scenario was written for another."""
    peer = a_result("redis-py", peer=True, expectations=[FAILED], findings=[STALE])
    (line,) = finding_lines(a_report(a_result(), peer))
    assert line.plain.startswith("small (redis-py): stale reads in load: ")
