"""What was not as it should be in a run, a line each; problems of peers are marked as theirs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from pipeline.cli.sentences import figure, in_words
from pipeline.cli.styles import styled
from results.expectation import Verdict

_SCOPE = (
    "metric",
    "phase",
    "operation",
    "tier",
    "relative_to_phase",
    "relative_to_subject",
    "relative_to_calibration",
)
_NOT_COUNTED = {"lost", "invalid"}
_LONGEST_REASON = 300

_Problem = tuple[str, str]


def problem_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """Errors, attempts that did not count, and expectations that were not met or not judged.

    Args:
        report: The whole report.
    """
    for scenario, result in report["results"].items():
        for subject, found in result["subjects"].items():
            where = f"{scenario} ({subject})" if len(result["subjects"]) > 1 else scenario
            mark = "peer " if found["peer"] else ""
            for word, told in _problems(found):
                yield Text.assemble(mark, styled(word), f" {where}: {told}")


def _problems(result: Mapping[str, Any]) -> Iterator[_Problem]:
    not_counted = [each for each in result["attempts"] if each["outcome"] in _NOT_COUNTED]
    told = {each["reason"] for each in not_counted}
    for error in result["job_errors"]:
        if error["error"] not in told:
            yield "error", _short(error["error"])
    yield from _by_reason(not_counted)
    failed = [each for each in result["expectations"] if each["verdict"] == Verdict.FAIL]
    yield from _of_peer(failed) if result["peer"] else _failed(failed)
    if not result["peer"]:
        yield from _unknown(result["expectations"])


def _by_reason(attempts: Sequence[Mapping[str, Any]]) -> Iterator[_Problem]:
    """Lost and invalid attempts, those of one reason together."""
    numbers: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for attempt in attempts:
        reason = _short(attempt["reason"] or "")
        numbers[attempt["outcome"], reason].append(attempt["number"])
    for (outcome, reason), seen in numbers.items():
        which = f"attempt {seen[0]}" if len(seen) == 1 else f"{len(seen)} attempts"
        yield outcome, f"{which}: {reason}"


def _failed(expectations: Sequence[Mapping[str, Any]]) -> Iterator[_Problem]:
    for expected in expectations:
        yield "fail", f"expected {_words(expected)}, was {figure(expected['actual'])}"


def _of_peer(expectations: Sequence[Mapping[str, Any]]) -> Iterator[_Problem]:
    """A scenario is written for the subject under test, so a peer's are told in one line."""
    if expectations:
        first, *others = expectations
        more = f" (and {len(others)} more)" if others else ""
        yield "fail", f"expected {_words(first)}, was {figure(first['actual'])}{more}"


def _unknown(expectations: Sequence[Mapping[str, Any]]) -> Iterator[_Problem]:
    """The expectations that could not be judged, those of one reason together."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for expected in expectations:
        if expected["verdict"] == Verdict.UNKNOWN:
            found[expected["reason"]].append(_words(expected))
    for reason, words in found.items():
        told = words[0] if len(words) == 1 else f"{len(words)} expectations"
        yield "unknown", f"{told}: {_short(reason)}"


def _words(expected: Mapping[str, Any]) -> str:
    scope: dict[str, Any] = {key: expected[key] for key in _SCOPE}
    return in_words(**scope, bound=expected["expected"])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."
