"""Draws a comparison: a line for each metric, with ratio, interval, effect and verdict."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.pictures import shift_line
from pipeline.cli.quantities import quantity
from pipeline.cli.two_sides import Compared, notes_of, runs_of
from results.metrics import Metric
from results.versus.comparison import Comparison, Finding
from results.versus.estimate import Scale
from results.versus.phrases import Names, grouped
from results.versus.verdicts import Verdict, of_machine

_SHOWN = (Verdict.WORSE, Verdict.BETTER)
_STYLES = {Verdict.WORSE: "red", Verdict.BETTER: "green"}
_REASONS = 3


def draw_compared(compared: Compared, *, everything: bool) -> RenderableType:
    """The comparison as a table of at most 100 columns.

    Args:
        compared: What was found.
        everything: Whether metrics are shown that are neither worse nor better.
    """
    findings = compared.comparison.findings
    shown = [each for each in findings if everything or each.verdict in _SHOWN]
    parts: list[RenderableType] = [Text(_title(compared), style="bold")]
    if shown:
        parts += [_table(shown, findings), *_shifts(shown, findings)]
    parts.append(Text(_conclusion(compared.comparison, everything=everything)))
    parts += [Text(f"- {line}") for line in _lines(compared, everything=everything)]
    return Group(*parts)


def _title(compared: Compared) -> str:
    scenarios = {each.question.place.scenario for each in compared.comparison.findings}
    of = f"{scenarios.pop()}   " if len(scenarios) == 1 else ""
    return f"{of}A: {runs_of(compared.sides.a)}   B: {runs_of(compared.sides.b)}"


def _table(shown: Sequence[Finding], findings: Sequence[Finding]) -> RenderableType:
    names = Names.among(each.question for each in findings)
    table = new_table()
    table.add_column("metric", overflow="fold", min_width=24)
    for name in ("A", "B"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("B / A", no_wrap=True)
    table.add_column("effect", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for each in shown:
        question, found = each.question, each.found
        table.add_row(
            names.of(question),
            quantity(question.metric, found.a) or "0",
            quantity(question.metric, found.b) or "0",
            _change(each, question.metric),
            _effect(each.effect),
            Text(each.verdict or "-", style=_STYLES.get(each.verdict, "")) if each.verdict else "-",
        )
    return table


def _change(finding: Finding, metric: Metric) -> str:
    found = finding.found
    if found.scale is Scale.PLAIN:
        return _difference(finding, metric)
    ratio = f"{_ratio(found.ratio or 0.0)}x"
    if found.ratio_interval is None:
        return ratio
    low, high = found.ratio_interval
    return f"{ratio} ({_ratio(low)}-{_ratio(high)})"


def _difference(finding: Finding, metric: Metric) -> str:
    found = finding.found
    if not found.change:
        return "+0"
    sign = "+" if found.change > 0 else "-"
    return f"{sign}{quantity(metric, abs(found.change))}"


def _ratio(value: float) -> str:
    for below, digits in ((0.01, ".2g"), (0.1, ".3f"), (10, ".2f"), (100, ".1f")):
        if value < below:
            return f"{value:{digits}}"
    return f"{value:,.0f}" if value < 1e6 else f"{value:.1e}"  # noqa: PLR2004 - digits


def _effect(effect: float | None) -> str:
    if effect is None:
        return ""
    return f"{effect:+.2f}" if abs(effect) < 10 else f"{effect:+.0f}"  # noqa: PLR2004 - digits


def _shifts(shown: Sequence[Finding], findings: Sequence[Finding]) -> Iterator[RenderableType]:
    names = Names.among(each.question for each in findings)
    shifted = [each for each in shown if each.question.shift is not None]
    if not shifted:
        return
    yield Text("")
    yield Text("B / A at p10, p20 ... p90 and p99: above the middle B takes longer, · is the same")
    for each in shifted:
        shift = each.question.shift
        if shift is not None:
            lowest, highest = min(shift.ratios), max(shift.ratios)
            said = f"{shift_line(shift.ratios)}  {_ratio(lowest)}x to {_ratio(highest)}x"
            longer = f"B takes longer with probability {shift.superiority:.2f}"
            yield Text(f"  {said}  {names.of(each.question)}: {longer}", no_wrap=False)


def _conclusion(comparison: Comparison, *, everything: bool) -> str:
    counts = comparison.counts
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    hidden = sum(count for verdict, count in counts.items() if verdict not in _SHOWN)
    hint = "; --all shows them" if hidden and not everything else ""
    return f"{said}{hint}"


def _lines(compared: Compared, *, everything: bool) -> Iterator[str]:
    machine = compared.asked.machine
    if machine is not None:
        yield f"{of_machine(machine)}: its times and rates say nothing"
    yield from notes_of(compared.sides, compared.asked)
    unknown = [each for each in compared.comparison.findings if each.verdict is Verdict.UNKNOWN]
    names = Names.among(each.question for each in compared.comparison.findings)
    reasons = grouped((names.of(each.question), each.reason) for each in unknown)
    for reason in reasons if everything else reasons[:_REASONS]:
        yield f"unknown: {reason}"
