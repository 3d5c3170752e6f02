"""A gate's result as Markdown for a pull request: the verdict in one line first."""

import re
from collections.abc import Iterator, Sequence

from results.versus.asking import Asked
from results.versus.gate import Gated, GateResult, GateVerdict
from results.versus.phrases import Names, change_of, value_of
from results.versus.sides import Sides

_ROWS = 12
_SPECIAL = re.compile(r"[\\`*{}\[\]<>#|~!&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_NO_MENTION = "@\u200b"


def render_gate(result: GateResult, sides: Sides, asked: Asked) -> str:
    """The whole page.

    Args:
        result: What the gate found.
        sides: The baseline (A) and the candidate (B).
        asked: What there was to compare.
    """
    parts = (
        [headline(result, sides)],
        _table(result),
        _details(result, sides, asked),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def headline(result: GateResult, sides: Sides) -> str:
    """The verdict in one line of Markdown."""
    baseline, share = escaped(sides.a.said), f"{100 * result.max_regression:g} %"
    found = result.having(result.verdict)
    if result.verdict is GateVerdict.REGRESSED:
        said = escaped(in_one_line(found[0], result))
        more = f", and {len(found) - 1} more regressed" if len(found) > 1 else ""
        return f"**Regressed**: {said} than {baseline}{more}"
    if result.verdict is GateVerdict.PASSED:
        return f"**Passed**: none of {len(found)} metrics is {share} worse than {baseline}"
    if not found:
        why = escaped(result.lost_line) or f"nothing could be held against {baseline}"
        return f"**Unknown**: {why}"
    first = f"{name(found[0], result)}: {found[0].reason}"
    return (
        f"**Unknown**: {len(found)} of {len(result.metrics)} metrics can't be told from "
        f"{baseline} within {share} ({escaped(first)})"
    )


def in_one_line(gated: Gated, result: GateResult) -> str:
    """`basic_operations p50_response_time_ms is 15.3 % higher (12.1 to 18.6 %)`."""
    return f"{name(gated, result)} is {change_of(gated.finding.question, gated.finding.found)}"


def name(gated: Gated, result: GateResult) -> str:
    """What a metric is about, with its subject where there are several."""
    several = Names.among(each.finding.question for each in result.metrics).several_subjects
    return Names(several_subjects=several).of(gated.finding.question)


def escaped(text: str) -> str:
    """The text as Markdown shows it, in one line and with nothing that would have a meaning."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split())).replace("@", _NO_MENTION)


def _table(result: GateResult) -> list[str]:
    shown = [each for each in result.metrics if each.verdict is not GateVerdict.PASSED][:_ROWS]
    if not shown:
        return []
    return [*_head(), *_rows(shown, result)]


def _details(result: GateResult, sides: Sides, asked: Asked) -> list[str]:
    counts = ", ".join(f"{len(result.having(each))} {each}" for each in GateVerdict)
    return [
        f"<details><summary>{counts}; at most {100 * result.max_regression:g} % worse</summary>",
        "",
        *_head(),
        *_rows(result.metrics, result),
        "",
        *(f"- {line}" for line in _notes(result, sides, asked)),
        "",
        "</details>",
    ]


def _head() -> list[str]:
    return [
        "| metric | baseline | candidate | change | verdict |",
        "| --- | ---: | ---: | --- | --- |",
    ]


def _rows(shown: Sequence[Gated], result: GateResult) -> Iterator[str]:
    for each in shown:
        question, found = each.finding.question, each.finding.found
        reason = f": {each.reason}" if each.reason else ""
        cells = (
            name(each, result),
            value_of(question, found.a),
            value_of(question, found.b),
            change_of(question, found),
            f"{each.verdict}{reason}",
        )
        yield f"| {' | '.join(map(escaped, cells))} |"


def _notes(result: GateResult, sides: Sides, asked: Asked) -> Iterator[str]:
    for which, chosen in (("baseline", sides.a), ("candidate", sides.b)):
        number = len(chosen.run_ids)
        runs = "one run" if number == 1 else f"{number} runs"
        yield f"{which}: {escaped(chosen.said)}, {runs}"
        yield from map(escaped, chosen.notes)
    yield from [escaped(result.lost_line)] * bool(result.lost)
    left = [
        f"{count} series only the {which} has"
        for which, count in zip(("baseline", "candidate"), asked.only, strict=True)
        if count
    ]
    yield from left
    yield (
        "intervals are of 95 %; a regression is sure with 5 % false alarms over all "
        f"{len(result.metrics)} metrics together (Holm)"
    )
