"""Waits for a run that workers elsewhere do, then reports it as `bench run` does."""

from pathlib import Path

from pipeline.cli.conclusion import conclude
from pipeline.cli.errors import say
from pipeline.cli.exits import ExitCode
from pipeline.cli.progress import wait_for
from pipeline.plan import Plan
from results.store import Store


def wait_to_the_end(store: Store, plan: Plan, report_file: Path | None, *, as_json: bool) -> int:
    """Wait until every job of a run has ended, then report it; Ctrl-C ends the waiting alone.

    Args:
        store: Where the run is kept.
        plan: The run.
        report_file: Where its report is written; nowhere where None.
        as_json: Whether the report is printed instead of tables.

    Returns:
        The exit code.
    """
    try:
        wait_for(store, plan, lambda: None)
    except KeyboardInterrupt:
        say(f"no longer waiting; the run goes on: bench status {plan.run.run_id} --watch")
        return ExitCode.INTERRUPTED
    return conclude(store, plan.run.run_id, report_file, as_json=as_json)
