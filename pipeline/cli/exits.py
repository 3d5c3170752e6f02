"""The exit codes of `bench`, and which one a report's verdict is."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from results.expectation import Verdict


class ExitCode(IntEnum):
    """What a caller of `bench` is told; a signal that stopped it is 128 + its number."""

    GOOD = 0
    ERROR = 1
    USAGE = 2
    FAILED = 3
    UNKNOWN = 4
    INTERRUPTED = 130


def of_report(report: Mapping[str, Any]) -> ExitCode:
    """The exit code of a run: a failure goes before an unknown."""
    verdict = report["summary"]["verdict"]
    if verdict == Verdict.PASS:
        return ExitCode.GOOD
    return ExitCode.FAILED if verdict == Verdict.FAIL else ExitCode.UNKNOWN


def of_comparison(counts: Mapping[str, int]) -> ExitCode:
    """The exit code of a comparison, by how many metrics have each verdict.

    What is worse fails; where everything is unknown, so is the whole.
    """
    if counts["worse"]:
        return ExitCode.FAILED
    return ExitCode.GOOD if counts["better"] or counts["same"] else ExitCode.UNKNOWN


def of_gate(verdict: str) -> ExitCode:
    """The exit code of a gate's verdict: regressed before unknown."""
    codes = {"passed": ExitCode.GOOD, "regressed": ExitCode.FAILED, "unknown": ExitCode.UNKNOWN}
    return codes[verdict]
