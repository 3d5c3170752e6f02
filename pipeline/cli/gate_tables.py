"""Draws what a gate found: the verdict in one line, then what needs eyes."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table
from pipeline.cli.gating import GatedSides
from pipeline.cli.two_sides import notes_of, runs_of
from results.versus.gate import Gated, GateResult, GateVerdict
from results.versus.phrases import Names, change_of, grouped, value_of

_REASONS = 4
_STYLES = {GateVerdict.REGRESSED: "red", GateVerdict.PASSED: "green", GateVerdict.UNKNOWN: "yellow"}


def draw_gate(found: GatedSides) -> RenderableType:
    """What regressed or is unknown as a table of at most 100 columns, and the verdict on all."""
    result = found.result
    shown = [each for each in result.metrics if each.verdict is not GateVerdict.PASSED]
    parts: list[RenderableType] = [_verdict(found)]
    if shown:
        parts += [Text(""), _table(shown, result)]
    names = Names.among(each.finding.question for each in result.metrics)
    reasons = ((names.of(each.finding.question), each.reason) for each in shown if each.reason)
    why = grouped(reasons)
    more = [f"and {len(why) - _REASONS} more; --json has all"] if len(why) > _REASONS else []
    lost = [result.lost_line] if result.lost else []
    notes = [*lost, *notes_of(found.sides, found.asked), *why[:_REASONS], *more]
    return Group(*parts, *(Text(f"- {line}") for line in notes))


def _verdict(found: GatedSides) -> Text:
    result = found.result
    counts = ", ".join(f"{len(result.having(each))} {each}" for each in GateVerdict)
    style = _STYLES[result.verdict]
    said = Text(result.verdict.value, style=f"bold {style}")
    scenarios = sorted({each.finding.question.place.scenario for each in result.metrics})
    sides = f"{runs_of(found.sides.b)} against {runs_of(found.sides.a)}"
    of = f" ({scenarios[0]})" if len(scenarios) == 1 else ""
    return said.append(f": {sides}{of}: {counts}", style="not bold default")


def _table(shown: list[Gated], result: GateResult) -> Table:
    table = new_table()
    table.add_column("metric", overflow="fold", min_width=25)
    for heading in ("baseline", "candidate"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("change", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    names = Names.among(each.finding.question for each in result.metrics)
    for each in shown:
        question, estimate = each.finding.question, each.finding.found
        table.add_row(
            names.of(question),
            value_of(question, estimate.a),
            value_of(question, estimate.b),
            change_of(question, estimate),
            Text(each.verdict.value, style=_STYLES[each.verdict]),
        )
    return table
