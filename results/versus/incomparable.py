"""Says why two sides have nothing in common."""

from collections.abc import Callable, Mapping

from results.series import SeriesKey
from results.versus.sides import Sides

_DIFFERENCES: Mapping[str, Callable[[SeriesKey], str | None]] = {
    "they are of different classes of machine, {a} and {b}, and classes are never mixed": (
        lambda key: key.environment_class
    ),
    "they measured different scenarios, {a} and {b}": lambda key: key.scenario,
    "they measured different subjects, {a} and {b}": lambda key: key.subject,
    "their scenarios were set differently, {a} and {b}": lambda key: key.parameters,
}


def why_nothing(sides: Sides, a: set[SeriesKey], b: set[SeriesKey]) -> str:
    """What the two sides differ in, in one line.

    Args:
        sides: The sides.
        a: The series that A has figures in.
        b: The same of B.
    """
    said = f"nothing of {sides.a.said} can be compared with {sides.b.said}"
    for chosen, of_side in ((sides.a, a), (sides.b, b)):
        if not of_side:
            return f"{said}: {chosen.said} has no figures of what was asked for"
    for what, of in _DIFFERENCES.items():
        of_a, of_b = {of(key) for key in a}, {of(key) for key in b}
        if not of_a & of_b:
            return f"{said}: {what.format(a=_told(of_a), b=_told(of_b))}"
    return f"{said}: no scenario was measured on both with the same subject and settings"


def _told(values: set[str | None]) -> str:
    named = sorted(str(value) for value in values)
    return " and ".join(named[:2])
