"""The figures of a page: times by loop, subjects side by side, spread, and how it was measured."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from results.metrics import METRICS
from results.page import Report, each_subject, figure, section, short, wrapped

_TIMES_HEAD = (
    "| scenario | subject | loop | p50 ms | p99 ms | p99.9 ms | service p99 ms |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: |",
)
_TIMES = (
    "p50_response_time_ms",
    "p99_response_time_ms",
    "p99_9_response_time_ms",
    "p99_service_time_ms",
)
_MEASURED = (
    "offered_operations",
    "dropped_operations",
    "p99_schedule_lag_ms",
    "max_schedule_lag_ms",
    "p99_loop_lag_ms",
    "max_gc_pause_ms",
    "worker_cpu_ratio",
    "worker_memory_mib",
    "distinct_keys",
    "start_skew_ms",
    "recorder_cost_us",
    "calibration_loop_ms",
    "calibration_ping_ms",
    "server_commands",
    "server_hits",
    "server_evictions",
    "server_memory_mib",
)
_SPREAD_OVER = 2
_UNITLESS = ("count", "ratio")


def times(report: Report) -> Iterable[str]:
    """Percentiles with the loop that they come from, intended and service."""
    rows = [
        f"| {short(scenario, 22)} | {short(subject, 12)} | {found['loop'] or '-'} | "
        + " | ".join(figure(found.get(name)) for name in _TIMES)
        + " |"
        for scenario, subject, found in each_subject(report)
    ]
    return section("Response times", rows, _TIMES_HEAD)


def side_by_side(report: Report) -> Iterable[str]:
    """Each figure of several subjects, with its ratio to the first's."""
    lines = [
        wrapped(f"- {scenario}, {metric}: {_subjects(subjects)}")
        for scenario, found in report["results"].items()
        for metric, subjects in found.get("comparison", {}).get("figures", {}).items()
    ]
    return section("Side by side", lines)


def _subjects(subjects: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(f"{name} {_beside(found)}" for name, found in subjects.items())


def _beside(found: Mapping[str, Any]) -> str:
    value = figure(found["value"])
    if found["ratio"] is None or not found["pairs"]:
        return value
    if found["interval"] is None:
        return f"{value} ({found['ratio']:.3g}x)"
    low, high = found["interval"]
    return f"{value} ({found['ratio']:.3g}x, {low:.3g} to {high:.3g})"


def spread(report: Report) -> Iterable[str]:
    """Least, median and greatest of each main figure, where there are several repeats."""
    lines = [
        wrapped(f"- {scenario} ({subject}): {'; '.join(_spans(found))}")
        for scenario, subject, found in each_subject(report)
        if len(found["repeats"]) >= _SPREAD_OVER and found["spread"]
    ]
    return section("Spread over repeats (least, median, greatest)", lines)


def _spans(found: Mapping[str, Any]) -> Iterator[str]:
    for name, of_repeats in found["spread"].items():
        yield f"{name} {', '.join(figure(of_repeats[key]) for key in ('min', 'median', 'max'))}"


def searches(report: Report) -> Iterable[str]:
    """The trials of each search for the highest rate."""
    lines = [
        wrapped(f"- {scenario} ({subject}), {_trial(trial)}")
        for scenario, subject, found in each_subject(report)
        for trial in found["search"]
    ]
    return section("Search trials", lines)


def _trial(trial: Mapping[str, Any]) -> str:
    return (
        f"repeat {trial['repeat']}, {trial['phase']}, trial {trial['number']}: "
        f"{figure(trial['rate'])} ops/s asked for, {figure(trial['achieved_rate'])} done, "
        f"p99 {figure(trial['p99_ms'])} ms: {'held' if trial['held'] else 'did not hold'}"
    )


def measured(report: Report) -> Iterable[str]:
    """How late, how loaded and how watched the generator and the server were."""
    lines = [
        wrapped(f"- {scenario} ({subject}): {', '.join(_conditions(found))}")
        for scenario, subject, found in each_subject(report)
        if found["jobs"]["attempts"]
    ]
    return section("How it was measured", lines)


def _conditions(found: Mapping[str, Any]) -> Iterator[str]:
    attempts = found["jobs"]["attempts"]
    yield f"{attempts} attempt{'' if attempts == 1 else 's'}"
    for name in _MEASURED:
        if name in found:
            unit = METRICS[name].unit
            plain = name.removesuffix(f"_{unit.lower()}").replace("_", " ")
            yield f"{plain} {figure(found[name])}{f' {unit}' if unit not in _UNITLESS else ''}"
