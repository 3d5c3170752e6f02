"""A comparison's findings in words: what was compared, and by how much it differs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results.page import figure
from results.versus.estimate import Estimate, Scale
from results.versus.question import Question

_TIMES_FROM = 3.0
_NAMES = 3
_TIMES = ((1e-3, 1e6, "ns"), (1.0, 1e3, "us"), (1e3, 1.0, "ms"))
_UNITLESS = ("ratio", "count", "ops/s")


@dataclass(frozen=True, slots=True)
class Names:
    """What questions are about, in as few words as tell them apart.

    Args:
        several_scenarios: Whether the scenario has to be told.
        several_subjects: Whether the subject has to be.
    """

    several_scenarios: bool = True
    several_subjects: bool = False

    @classmethod
    def among(cls, questions: Iterable[Question]) -> "Names":
        """The names that tell these questions apart."""
        places = {each.place for each in questions}
        return cls(
            len({place.scenario for place in places}) > 1,
            len({place.subjects for place in places}) > 1,
        )

    def of(self, question: Question) -> str:
        """`basic_operations (multilevel) p50_response_time_ms in read`."""
        place = question.place
        parts = [place.scenario] if self.several_scenarios else []
        if self.several_subjects and place.subjects[0] == place.subjects[1]:
            parts.append(f"({place.subjects[0]})")
        parts.append(f"{place.operation} times" if place.operation else question.name)
        parts += [f"in {place.phase}"] if place.phase else []
        settings = json.loads(place.parameters)
        if settings:
            parts.append("with " + " ".join(f"{key}={value}" for key, value in settings.items()))
        return " ".join(parts)


def grouped(reasons: Iterable[tuple[str, str]]) -> list[str]:
    """Each reason once, after the names of what it is about: `p50, p95 and 3 more: ...`."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons:
        by_reason.setdefault(reason, []).append(name)
    return [f"{_listed(names)}: {reason}" for reason, names in by_reason.items()]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def value_of(question: Question, value: float) -> str:
    """A figure with its unit: `12.3 ms`, `790 ns`."""
    unit = question.metric.unit
    if unit == "ms":
        return _time(value)
    return figure(value) if unit in _UNITLESS else f"{figure(value)} {unit}"


def _time(value_ms: float) -> str:
    """In the unit in which it has one to three digits before the point."""
    for below, factor, unit in _TIMES:
        if 0 < abs(value_ms) < below:
            return f"{figure(value_ms * factor)} {unit}"
    return f"{figure(value_ms / 1000)} s" if value_ms else "0 ms"


def change_of(question: Question, found: Estimate) -> str:
    """By how much B differs: `15.3 % higher (12.1 to 18.6 %)`, `1.5 s higher (1.2 to 1.8 s)`."""
    if not found.change:
        return "the same"
    if found.scale is Scale.PLAIN:
        return _plain(question, found)
    ratio = found.ratio or 1.0
    if not 1 / _TIMES_FROM <= ratio <= _TIMES_FROM:
        return _times(found, ratio)
    sign, word = (1, "higher") if ratio > 1 else (-1, "lower")
    said = f"{_percent(sign * (ratio - 1))} % {word}"
    if found.ratio_interval is None:
        return said
    ends = sorted(sign * (end - 1) for end in found.ratio_interval)
    return f"{said} ({_percent(ends[0])} to {_percent(ends[1])} %)"


def _times(found: Estimate, ratio: float) -> str:
    said = f"{figure(ratio)} times as high"
    if found.ratio_interval is None:
        return said
    low, high = found.ratio_interval
    return f"{said} ({figure(low)} to {figure(high)} times)"


def _plain(question: Question, found: Estimate) -> str:
    sign, word = (1, "higher") if found.change > 0 else (-1, "lower")
    said = f"{value_of(question, sign * found.change)} {word}"
    if found.interval is None:
        return said
    low, high = sorted(sign * end for end in found.interval)
    return f"{said} ({value_of(question, low)} to {value_of(question, high)})"


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:,.0f}" if abs(percent) >= 100 else f"{percent:.1f}"  # noqa: PLR2004 - digits
