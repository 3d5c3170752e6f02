"""Reads pytest's JUnit file into the report that the test runner writes."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

SUITE = "MultiLevelCache Comprehensive Benchmark"
_SHORTER = {
    "basic_cache_operations": "basic_operations",
    "health_monitoring_integration": "health_monitoring",
}


def read_junit(path: Path) -> dict[str, Any]:
    """The report of one pytest run: figures by test class, and their summary.

    Numbers that a test gave to `record_property` are figures of its class.

    Args:
        path: What pytest wrote for `--junitxml`.
    """
    root = ET.parse(path).getroot()  # noqa: S314 - pytest wrote it a moment ago
    results: dict[str, dict[str, Any]] = {}
    for case in root.iter("testcase"):
        name = class_key(case.get("classname", "").rpartition(".")[2])
        _count(results.setdefault(name, _empty()), case)
    return {
        "benchmark_suite": SUITE,
        "timestamp": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "results": results,
        "summary": _summary(results),
    }


def class_key(class_name: str) -> str:
    """The report's key of a test class: `TestMultiLevelBehavior` is `multi_level_behavior`."""
    words = re.findall(r"[A-Z][a-z0-9]*|[a-z0-9]+", class_name.removeprefix("Test"))
    key = "_".join(word.lower() for word in words)
    return _SHORTER.get(key, key)


def _empty() -> dict[str, Any]:
    return {
        "success": True,
        "execution_time_seconds": 0.0,
        "tests_passed": 0,
        "tests_failed": 0,
        "tests_skipped": 0,
    }


def _count(result: dict[str, Any], case: ET.Element) -> None:
    failed = case.find("failure") is not None or case.find("error") is not None
    skipped = case.find("skipped") is not None
    outcome = "failed" if failed else "skipped" if skipped else "passed"
    result[f"tests_{outcome}"] += 1
    result["success"] = result["tests_failed"] == 0 and result["tests_passed"] > 0
    seconds = result["execution_time_seconds"] + float(case.get("time", 0))
    result["execution_time_seconds"] = round(seconds, 3)
    result.update(_figures(case))


def _figures(case: ET.Element) -> dict[str, float]:
    found = {}
    for item in case.iter("property"):
        try:
            found[item.get("name", "")] = float(item.get("value", ""))
        except ValueError:
            continue
    return found


def _summary(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    passed, failed, skipped = (
        sum(result[f"tests_{outcome}"] for result in results.values())
        for outcome in ("passed", "failed", "skipped")
    )
    return {
        "overall_success": failed == 0 and passed > 0,
        "total_execution_time_seconds": round(
            sum(result["execution_time_seconds"] for result in results.values()), 3
        ),
        "success_rate": passed / (passed + failed) if passed + failed else 0.0,
        "tests_passed": passed,
        "tests_failed": failed,
        "tests_skipped": skipped,
    }
