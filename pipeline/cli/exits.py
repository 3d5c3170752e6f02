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
