"""The test runner's report, read from pytest's JUnit file."""

from pathlib import Path

import pytest

from pipeline.cli.junit import class_key, read_junit

JUNIT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest">
<testcase classname="tests.integration.test_cache.TestBasicCacheOperations" name="a" time="0.25"/>
<testcase classname="tests.integration.test_cache.TestBasicCacheOperations" name="b" time="0.5">
  <failure message="no">no</failure></testcase>
<testcase classname="tests.integration.test_cache.TestPerformanceCharacteristics" name="c" time="1">
  <properties><property name="l1_avg_response_time_ms" value="0.5"/>
  <property name="note" value="quick"/></properties></testcase>
<testcase classname="tests.integration.test_cache.TestSystemIntegration" name="d" time="0">
  <skipped message="no docker"/></testcase>
</testsuite></testsuites>
"""


@pytest.mark.parametrize(
    ("class_name", "key"),
    [
        ("TestBasicCacheOperations", "basic_operations"),
        ("TestMultiLevelBehavior", "multi_level_behavior"),
        ("TestHealthMonitoringIntegration", "health_monitoring"),
        ("TestPerformanceBenchmarking", "performance_benchmarking"),
    ],
)
def test_a_class_is_reported_under_its_scenarios_name(class_name: str, key: str) -> None:
    """The seed's test classes and its report's keys are the same things."""
    assert class_key(class_name) == key


def test_every_class_has_its_counts_time_and_figures(tmp_path: Path) -> None:
    """Passed, failed and skipped tests are told apart, and recorded numbers are kept."""
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT)
    report = read_junit(path)
    basic = report["results"]["basic_operations"]
    assert basic == {
        "success": False,
        "execution_time_seconds": 0.75,
        "tests_passed": 1,
        "tests_failed": 1,
        "tests_skipped": 0,
    }
    fast = report["results"]["performance_characteristics"]
    assert fast["l1_avg_response_time_ms"] == 0.5
    assert "note" not in fast
    assert report["summary"] == {
        "overall_success": False,
        "total_execution_time_seconds": 1.75,
        "success_rate": 2 / 3,
        "tests_passed": 2,
        "tests_failed": 1,
        "tests_skipped": 1,
    }


def test_a_class_of_skipped_tests_is_no_success(tmp_path: Path) -> None:
    """Nothing that was not run counts as good."""
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT)
    assert read_junit(path)["results"]["system_integration"]["success"] is False
