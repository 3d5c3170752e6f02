"""The options that choose among stored results, shared by the commands that look at history."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from results.series import Selection

OfScenario = Annotated[
    str | None,
    typer.Option("--scenario", metavar="S", help="Only this scenario; * and ? match anything."),
]
OfSubject = Annotated[
    str | None,
    typer.Option("--subject", metavar="S", help="Only this cache under test, or such a pattern."),
]
OfBranch = Annotated[
    str | None, typer.Option("--branch", metavar="B", help="Only runs of code of this branch.")
]
WithLabels = Annotated[
    list[str] | None,
    typer.Option(
        "--label", metavar="KEY=VALUE", help="Only runs with this label; may be repeated."
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="WHEN", help="Only runs from then on: an age (12h, 30d, 2w) or a date."
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="WHEN", help="Only runs until then: an age, or a date with its day."
    ),
]
OfPhase = Annotated[
    str | None,
    typer.Option(
        "--phase", metavar="P", help="Figures of this phase; default: of all measured phases."
    ),
]


def selection(
    *,
    metrics: Sequence[str] = (),
    scenario: str | None = None,
    subject: str | None = None,
    branch: str | None = None,
    labels: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    phase: str | None = None,
    last: int | None = None,
) -> "Selection":
    """What these options, as they were given, ask for.

    Args:
        metrics: Whole names of metrics.
        scenario: `--scenario`.
        subject: `--subject`.
        branch: `--branch`.
        labels: Each `--label`.
        since: `--since`.
        until: `--until`.
        phase: `--phase`.
        last: `--last`.

    Raises:
        UsageError: A moment or a label can't be read, or the moments leave no time between them.
    """
    from pipeline.cli.durations import parse_moment_s
    from pipeline.cli.errors import UsageError
    from pipeline.cli.request import pairs
    from results.series import Selection

    since_s = None if since is None else parse_moment_s("--since", since)
    until_s = None if until is None else parse_moment_s("--until", until, whole_day=True)
    if since_s is not None and until_s is not None and since_s >= until_s:
        raise UsageError(f"no time lies between --since {since} and --until {until}; swap them")
    return Selection(
        metrics=tuple(metrics),
        scenario=scenario,
        subject=subject,
        phase=phase,
        branch=branch,
        labels=pairs("--label", labels or ()),
        since_s=since_s,
        until_s=until_s,
        last=last,
    )
