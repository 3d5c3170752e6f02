"""The catalogue as it is shipped: every scenario runs, and what it checks of a cache holds."""

import json
from typing import Any

import pytest

from tests.support.command import Bench

pytestmark = [pytest.mark.story, pytest.mark.timeout(600)]

# What a busy machine may spoil: the tool then says that it could not measure, and why.
EXCUSES = ("generator blocked", "noisy machine", "swapped")
TIMES = ("_ms", "_s", "_us", "per_second")


def _wrong(report: Any) -> list[str]:
    """Each expectation that failed, times and rates of a strange machine left out."""
    return [
        f"{name}: {each['metric']} {each['expected']}, was {each['actual']}: {each['reason']}"
        for name, found in report["results"].items()
        for each in found["expectations"]
        if each["verdict"] == "fail" and not each["metric"].endswith(TIMES)
    ]


def _unexcused(report: Any) -> list[str]:
    """Each job that did not come to a figure for another reason than the machine."""
    return [
        f"{name}: {attempt['outcome']}: {attempt['reason']}"
        for name, found in report["results"].items()
        for attempt in found["attempts"]
        if attempt["outcome"] != "accepted"
        and (name, attempt["outcome"]) != ("fault_worker_kill", "lost")
        and not any(excuse in attempt["reason"] for excuse in EXCUSES)
    ]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("ycsb",), id="ycsb"),
        pytest.param(("twitter",), id="twitter"),
        pytest.param(
            (
                "arrival_patterns",
                "coherence",
                "large_values",
                "memory_pressure",
                "open_loop",
                "scan_resistance",
                "stampede",
                "ttl_storm",
            ),
            id="others",
        ),
        pytest.param(("saturation", "sustained_load", "high_concurrency"), id="loads"),
        pytest.param(
            (
                "disaster_recovery",
                "fault_clock_step",
                "fault_l2_corrupt",
                "fault_l2_failover",
                "fault_l2_foreign",
                "fault_l2_half_open",
                "fault_l2_kill_with_data",
                "fault_l3_errors",
                "fault_l3_stop",
                "fault_loader_hang",
                "fault_worker_kill",
                "l2_loss",
                "rolling_restart",
                "split_brain",
                "thundering_herd",
            ),
            id="faults",
        ),
    ],
)
def test_every_scenario_runs_and_what_it_checks_holds(bench: Bench, names: tuple[str, ...]) -> None:
    """No error, no wrong value, no count or ratio outside of what the scenario expects."""
    done = bench("run", *names, "--seed", "7")
    assert done.returncode in {0, 3, 4}, done.stderr
    report = json.loads((bench.folder / ".bench" / "report.json").read_text())
    assert _unexcused(report) == []
    assert _wrong(report) == []
    passed = sum(each["tests_passed"] for each in report["results"].values())
    assert passed >= 3 * len(report["results"])
