"""Draws what `bench status` tells."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.cli.consoles import new_table

_STYLES = {
    "running": "cyan",
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
    "open": "cyan",
}
_JOB_COLUMNS = (
    "scenario",
    "subject",
    "repeat",
    "shard",
    "state",
    "attempt",
    "worker",
    "since",
    "reason",
)
_NUMBERS = {"repeat", "shard", "attempt"}
# A user's own subject is called by its module and factory.
_LONG = {"subject", "reason"}


def draw_overview(overview: Mapping[str, Any]) -> RenderableType:
    """The latest runs, and the jobs of those that still run."""
    runs = overview["runs"]
    parts: list[RenderableType] = [_draw_runs(runs)]
    parts += [_draw_jobs(run["jobs"], run["run_id"]) for run in runs if "jobs" in run]
    return Group(*parts, _workers_line(overview["workers"], waiting=any("jobs" in r for r in runs)))


def draw_run(run: Mapping[str, Any], *, open_first: bool = False) -> RenderableType:
    """One run with all its jobs.

    Args:
        run: As `status_data.one_run` tells it.
        open_first: Running and queued jobs before those that ended, for a screen that is short.
    """
    jobs = run["jobs"]
    if open_first:
        order = ("running", "queued")
        jobs = sorted(jobs, key=lambda job: (*order, job["state"]).index(job["state"]))
    title = f"{run['run_id']}: {' '.join(run['names'])}; {_counts(run)} of {run['total']} jobs"
    workers = _workers_line(run["workers"], run["state"] == "open")
    return Group(Text(title), _draw_jobs(jobs), workers, *_next_line(run))


def _next_line(run: Mapping[str, Any]) -> Iterator[Text]:
    """What can be done with a run that is not over, or did not end well."""
    if run["state"] == "open":
        yield Text(f"to end it:  bench cancel {run['run_id']}")
    elif run["counts"]["cancelled"] or run["counts"]["failed"]:
        yield Text(f"to do again what was cancelled or failed:  bench resume {run['run_id']}")


def _draw_runs(runs: Sequence[Mapping[str, Any]]) -> Table:
    table = new_table()
    for name in ("run", "what", "state", "jobs"):
        table.add_column(name, no_wrap=name in {"run", "state"}, overflow="fold")
    for run in runs:
        what = " ".join(run["names"])
        excluded = ", excluded" if run["excluded"] is not None else ""
        table.add_row(run["run_id"], what, _coloured(run["state"]), f"{_counts(run)}{excluded}")
    return table


def _counts(run: Mapping[str, Any]) -> str:
    return ", ".join(f"{number} {state}" for state, number in run["counts"].items() if number)


def _draw_jobs(jobs: Sequence[Mapping[str, Any]], title: str | None = None) -> Table:
    table = new_table(title)
    together = any(job["shard"] for job in jobs)
    for name in _JOB_COLUMNS:
        if name != "shard" or together:
            justify: Literal["left", "right"] = "right" if name in _NUMBERS else "left"
            table.add_column(name, justify=justify, no_wrap=name not in _LONG, overflow="fold")
    for job in jobs:
        shard = [str(job["shard"] + 1)] if together else []
        table.add_row(
            job["scenario"],
            job["subject"],
            str(job["repeat"] + 1),
            *shard,
            _coloured(job["state"]),
            str(job["attempt"] or ""),
            _worker(job["worker"]),
            job["since"][11:19],
            job["reason"] or "",
        )
    return table


def _worker(worker: Mapping[str, Any] | None) -> str:
    return f"{worker['host']}:{worker['pid']}" if worker else ""


def _coloured(state: str) -> Text:
    return Text(state, style=_STYLES.get(state, ""))


def _workers_line(workers: Sequence[Mapping[str, Any]], waiting: bool) -> Text:
    if not workers and waiting:
        return Text("no worker is alive; start one with `bench worker`", style="yellow")
    return Text(f"workers alive: {len(workers)}")
