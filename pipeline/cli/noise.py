"""`bench doctor --noise`: the same measured again and again, to see how far figures scatter."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.cli.conclusion import current_report
from pipeline.cli.consoles import console, new_table, print_json
from pipeline.cli.exits import ExitCode, of_report
from pipeline.cli.interruption import interruptible
from pipeline.cli.local_run import LocalRun
from pipeline.cli.problems import problem_lines
from pipeline.cli.request import Request
from pipeline.cli.run import WORKER_LOG
from pipeline.cli.sentences import figure
from pipeline.cli.summary import verdict_line
from results.noise import SCENARIO, NoiseFigure, noise_of
from results.store import Store

DEFAULT_REPEATS = 10


def measure_noise(repeats: int, *, as_json: bool) -> int:
    """Run the scenario `noise` on this machine and tell what changes it could see.

    Args:
        repeats: How often it is run, from 4; every two are a pair.
        as_json: Whether JSON is printed instead of a table.

    Returns:
        The exit code.
    """
    request = Request(names=(SCENARIO,), repeats=repeats)
    with interruptible():
        plan = request.plan("embedded")
        run = LocalRun(plan, "embedded", workers=1, log=WORKER_LOG)
        return run.concluded_by(partial(_conclude, run_id=plan.run.run_id, as_json=as_json))


def draw_noise(figures: Sequence[NoiseFigure]) -> RenderableType:
    """A line for each metric, with the smallest change of it that would be seen."""
    if not figures:
        return Text("fewer than two pairs of repeats have figures: nothing can be said")
    table = new_table()
    table.add_column("metric", no_wrap=True)
    table.add_column("smallest change", justify="right", no_wrap=True)
    for each in figures:
        table.add_row(each.metric, f"{figure(each.smallest_change_percent)} %")
    pairs = min(each.pairs for each in figures)
    said = f"\nseen with {pairs} pairs of repeats, at 95 % confidence and 80 % power"
    return Group(table, Text(said))


def _conclude(store: Store, run_id: str, *, as_json: bool) -> ExitCode:
    report = current_report(store, run_id)
    figures = noise_of(store, run_id)
    if as_json:
        verdict = report["summary"]["verdict"]
        told = [asdict(each) for each in figures]
        print_json({"run_id": run_id, "verdict": verdict, "figures": told})
    else:
        out = console()
        out.print(draw_noise(figures))
        for line in problem_lines(report):
            out.print(line, soft_wrap=True)
        out.print(verdict_line(report))
    return of_report(report) if figures else ExitCode.UNKNOWN
