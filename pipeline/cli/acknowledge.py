"""`bench acknowledge`: changes that are known and raise no alarm any more."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import history_options as of
from pipeline.cli.detect import MetricPatterns, metric_names
from pipeline.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Collection

    from results.found_changes import Change


def acknowledge(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="The run since which it is so: its id, or its code version."
        ),
    ],
    *,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="TEXT", help="Why it is all right; needed but to undo."),
    ] = None,
    scenario: of.OfScenario = None,
    subject: of.OfSubject = None,
    metric: MetricPatterns = None,
    phase: of.OfPhase = None,
    undo: Annotated[bool, typer.Option("--undo", help="Let them raise alarms again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say that changes at a run are known: `bench detect` raises no alarm for them any more."""
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.detection_data import told_change
    from pipeline.cli.detection_tables import draw_changes
    from pipeline.cli.errors import UsageError
    from pipeline.cli.marking import check_text
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings
    from results.detection import detect
    from results.known_changes import forget, remember, runs_named

    if not undo and not (reason or "").strip():
        raise UsageError(f"--reason is missing: `bench acknowledge {run} --reason 'it pays off'`")
    if reason is not None:
        check_text("--reason", reason)
    names = metric_names(metric)
    wanted = of.selection(metrics=names, scenario=scenario, subject=subject, phase=phase)
    with existing_store(Settings.read()) as store:
        run_ids = runs_named(store, run)
        there = [each for each in detect(store, wanted).changes if _is_at(each, run_ids)]
        meant = [each for each in there if (each.known is not None) == undo]
        if not meant:
            raise UsageError(_nothing(run, known=bool(there) and not undo, undo=undo))
        if undo:
            forget(store, [known.number for each in meant for known in each.known_by])
        else:
            remember(store, [(each.series.key, each.run.run_id) for each in meant], reason or "")
    if as_json:
        now = {"acknowledged": None if undo else reason}
        print_json({"undone": undo, "changes": [{**told_change(each), **now} for each in meant]})
    else:
        console().print(draw_changes(meant, "not known any more" if undo else "known from now on"))


def _is_at(change: "Change", run_ids: "Collection[str]") -> bool:
    return any(change.is_near(run_id) or change.may_be_at(run_id) for run_id in run_ids)


def _nothing(run: str, *, known: bool, undo: bool) -> str:
    if undo:
        return f"no known change at {run}; `bench detect --all` shows those that are known"
    if known:
        return f"the changes at {run} are known already; `bench detect --all` shows why"
    return f"nothing has changed at {run} or near it; `bench detect` shows what has, and where"
