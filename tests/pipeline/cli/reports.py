"""Reports made up for tests, as far as printing reads them."""

from collections.abc import Mapping, Sequence
from typing import Any

from results.compare import SubjectFigures, compare

PASSED = {"verdict": "pass", "tests_passed": 8, "tests_failed": 0, "tests_unknown": 0}
FIGURES = {
    "throughput_ops_per_second": 29_300.0,
    "p50_response_time_ms": 0.000_79,
    "p95_response_time_ms": 0.0123,
    "p99_response_time_ms": 1.5,
    "hit_ratio": 0.987,
    "l1_hit_ratio": 0.5,
    "errors": 0.0,
    "loads": 400.0,
    "subject_memory_mib": 12.3,
}
TIERS_OF_OTHERS = frozenset({"l1", "l1_hit_ratio"})


def a_result(subject: str = "multilevel", **changes: Any) -> dict[str, Any]:
    """One subject's part of a report, without subjects beside it."""
    given = {
        **PASSED,
        "subject": subject,
        "peer": False,
        "loop": "closed",
        "repeats": [{"repeat": 0}],
        "expectations": [],
        "attempts": [],
        "job_errors": [],
    }
    return {**given, **changes}


def a_report(*subjects: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """A report of one scenario on these subjects, the one under test first."""
    found = {each["subject"]: each for each in subjects or (a_result(),)}
    first = next(iter(found.values()))
    return {
        "run_id": "run-1",
        "results": {"small": {**first, "subjects": found, **parts}},
        "summary": {**PASSED, "wall_time_seconds": 1.0, "cancelled": False},
    }


def compared(
    names: Sequence[str], slower: Sequence[float] = (1.0, 2.0), repeats: int = 3
) -> dict[str, Any]:
    """A comparison of subjects, each so many times slower than the first; others have no L1.

    Args:
        names: The subjects.
        slower: How many times slower each is; the last goes for all that follow.
        repeats: Their number; each is 10 % quicker than the one before.
    """
    factors = [slower[min(place, len(slower) - 1)] for place in range(len(names))]
    return compare(
        [
            SubjectFigures(
                name=name,
                unsupported=TIERS_OF_OTHERS if place else frozenset(),
                merged=_figures(factor),
                repeats={
                    repeat: _figures(factor * 0.9**repeat * (1 + 0.01 * place * repeat))
                    for repeat in range(repeats)
                },
            )
            for place, (name, factor) in enumerate(zip(names, factors, strict=True))
        ]
    )


def _figures(factor: float) -> dict[str | None, dict[str, float]]:
    scaled = {
        name: value / factor
        if name.startswith("throughput")
        else value * factor
        if name.endswith("_ms")
        else value
        for name, value in FIGURES.items()
    }
    return {None: scaled, "l1": scaled, "writes": {"throughput_ops_per_second": 100.0 / factor}}
