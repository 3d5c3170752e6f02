"""Tells what was pruned, or would be."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.cli.consoles import new_table
from results.prune import Pruned


def told(done: Pruned, *, dry_run: bool) -> Mapping[str, Any]:
    """As JSON-able data."""
    return {
        "dry_run": dry_run,
        "stripped": list(done.stripped),
        "removed": list(done.removed),
        "rows": dict(done.rows),
        "histogram_bytes": done.histogram_bytes,
        "orphans": dict(done.orphans),
        "space": None if done.space is None else asdict(done.space),
    }


def draw_pruned(done: Pruned, *, dry_run: bool) -> RenderableType:
    """How many runs, and how many rows of each table."""
    verb = "would lose" if dry_run else "lost"
    lines = Text(
        f"{_runs(done.stripped)} {verb} what their figures were made of, "
        f"{_runs(done.removed)} {verb} everything"
    )
    if not done.rows:
        return lines
    table = new_table()
    table.add_column("table", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    for name, rows in {**done.rows, **done.orphans}.items():
        table.add_row(name, f"{rows:,}")
    size = Text(f"\n{done.histogram_bytes / 2**20:,.1f} MiB of histograms are among them")
    return Group(lines, Text(), table, size)


def _runs(run_ids: tuple[str, ...]) -> str:
    return f"{len(run_ids):,} run{'s' * (len(run_ids) != 1)}"
