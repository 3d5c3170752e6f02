"""What `bench run` prints of faults: a line for each, and of what went wrong the smallest proof."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.sentences import figure
from pipeline.cli.styles import styled
from results.expectation import Verdict
from results.finding_text import describe
from results.resilience import unprecedented_loads

_COLUMNS = {
    "detect\ns": "detect_s",
    "recover\ns": "recover_s",
    "avail.\n%": "availability",
    "p99 ms\nbefore": "before",
    "\nduring": "during",
    "\nafter": "after",
    "loads\nx": "amplification",
    "stale\nms": "max_staleness_ms",
    "\nlost": "lost_writes",
}
_PREFIX = re.compile("^(fault|matrix)_")
_GAP = (0, 1, 0, 0)
_HUNDREDTHS = 100

_Windows = Sequence[Mapping[str, Any]]


def resilience_table(report: Mapping[str, Any]) -> Table | None:
    """A line for each fault of each subject, at most 100 columns wide; None without any fault.

    A fault that came several times has the worst of its figures. The scenarios `fault_X` and
    `matrix_X` go by X, and several faults of another one go by their own names behind it, or by
    their phases'. Several subjects stand below their fault.

    Args:
        report: The whole report.
    """
    broken = {name: each for name, each in report["results"].items() if has_faults(each)}
    if not broken:
        return None
    several = any(len(result["subjects"]) > 1 for result in broken.values())
    table = new_table()
    table.padding = _GAP
    table.add_column("fault", overflow="fold", vertical="bottom")
    table.add_column("verdict")
    for name in _COLUMNS:
        table.add_column(name, justify="right", overflow="fold")
    for scenario, result in broken.items():
        for label, lines in _by_label(scenario, result).items():
            if several:
                table.add_row(label)
            for subject, outcome, figures in lines:
                table.add_row(f"  {subject}" if several else label, styled(outcome), *figures)
    return table


def has_faults(result: Mapping[str, Any]) -> bool:
    """Whether something was broken in a scenario, for whichever subject."""
    return any(found.get("resilience") for found in result["subjects"].values())


def finding_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """Of each count that was to be lower: what was found, and the few operations that prove it.

    Args:
        report: The whole report.
    """
    for scenario, result in report["results"].items():
        for subject, found in result["subjects"].items():
            where = f"{scenario} ({subject})" if len(result["subjects"]) > 1 else scenario
            for finding in _proofs(found):
                head, *example = describe(finding)
                yield Text(f"{where}: {head}")
                if not found["peer"]:
                    yield from (Text(f"    {line}") for line in example)


def _by_label(
    scenario: str, result: Mapping[str, Any]
) -> dict[str, list[tuple[str, str, list[str]]]]:
    """Of each fault the subjects that it struck: name, verdict and figures."""
    found: dict[str, list[tuple[str, str, list[str]]]] = {}
    for subject, of_subject in result["subjects"].items():
        for label, outcome, figures in _lines(scenario, of_subject):
            found.setdefault(label, []).append((subject, outcome, figures))
    return found


def _lines(scenario: str, found: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    label = _PREFIX.sub("", scenario)
    faults = _by_fault(found.get("resilience", ()))
    if not faults:
        yield label, _without_faults(found), [""] * len(_COLUMNS)
    kinds = [kind for _, kind in faults]
    for (phase, kind), windows in faults.items():
        own = phase if kinds.count(kind) > 1 else kind
        name = label if len(faults) == 1 else f"{label} {own}"
        yield name, found["verdict"], [_shown(windows, key) for key in _COLUMNS.values()]


def _by_fault(windows: _Windows) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    faults: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for window in windows:
        faults.setdefault((window["phase"], window["kind"]), []).append(window)
    return faults


def _without_faults(found: Mapping[str, Any]) -> str:
    skipped = any(name.startswith("phase ") for name in found.get("not_supported", ()))
    return Verdict.NOT_SUPPORTED.value.replace("_", " ") if skipped else found["verdict"]


def _shown(windows: _Windows, key: str) -> str:
    if key == "recover_s":
        return _recovery(windows)
    if key == "amplification" and (loads := unprecedented_loads(windows)):
        return f"+{figure(loads)}"
    if key in ("before", "during", "after"):
        values = [window["parts"][key]["all"]["p99_ms"] for window in windows]
    else:
        values = [window[key] for window in windows]
    known = [value for value in values if value is not None]
    # What nobody noticed once is not hidden by how soon it was noticed another time.
    if not known or (key == "detect_s" and len(known) < len(values)):
        return ""
    if key == "availability":
        # What is not whole is never rounded to 100.
        return f"{math.floor(round(min(known) * 100 * _HUNDREDTHS, 6)) / _HUNDREDTHS:g}"
    return figure(max(known))


def _recovery(windows: _Windows) -> str:
    """The longest time; more than what was watched where one did not recover within that."""
    waited_s = [each["unrecovered_s"] for each in windows if each["unrecovered_s"] is not None]
    if waited_s:
        return f">{figure(max(waited_s))}"
    times_s = [each["recover_s"] for each in windows if each["recover_s"] is not None]
    return figure(max(times_s)) if times_s else ""


def _proofs(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The findings of what was expected and not met, one of a kind."""
    failed = {each["metric"] for each in found["expectations"] if each["verdict"] == Verdict.FAIL}
    told: set[str] = set()
    for finding in found.get("findings", ()):
        if finding["kind"] in failed and finding["kind"] not in told:
            told.add(finding["kind"])
            yield finding
