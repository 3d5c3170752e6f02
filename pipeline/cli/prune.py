"""`bench prune`: makes room, old raw records first."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.errors import UsageError, say
from pipeline.cli.options import AsJson

if TYPE_CHECKING:
    from results.prune import Bound, Pruned

_MOST_AGE_S = 3e9


def prune(
    *,
    keep: Annotated[
        str,
        typer.Option(
            "--keep",
            metavar="AGE|N",
            help="Runs younger than that (90d), or the newest N, keep every raw record.",
        ),
    ],
    keep_summaries: Annotated[
        str | None,
        typer.Option(
            "--keep-summaries",
            metavar="AGE|N",
            help="Runs beyond that go with everything; default: figures are kept for ever.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take away what figures of old runs were made of; what baselines point at stays."""
    from pipeline.cli.consoles import console, print_json
    from pipeline.cli.prune_tables import draw_pruned, told
    from pipeline.cli.slow import Ticker
    from pipeline.cli.stored import existing_store
    from pipeline.settings import Settings
    from results.prune import prune as prune_runs

    raw, whole = _bounds(keep, keep_summaries)
    ticker = Ticker()

    def on_run(done: int, of: int) -> None:
        ticker.say(f"{done:,} of {of:,} runs pruned")

    with existing_store(Settings.read()) as store:
        done = prune_runs(store, raw, whole, dry_run=dry_run, on_run=on_run)
        url = store.url
    if as_json:
        print_json(told(done, dry_run=dry_run))
    else:
        console().print(draw_pruned(done, dry_run=dry_run))
    if not dry_run:
        _tell_space(done, url)


def _bounds(keep: str, keep_summaries: str | None) -> "tuple[Bound, Bound | None]":
    raw = _bound("--keep", keep)
    if keep_summaries is None:
        return raw, None
    whole = _bound("--keep-summaries", keep_summaries)
    for least, most in ((raw.age_s, whole.age_s), (raw.count, whole.count)):
        if least is not None and most is not None and most < least:
            raise UsageError(
                f"--keep-summaries {keep_summaries} is less than --keep {keep}: "
                "raw records can't be kept longer than their run; swap them"
            )
    return raw, whole


def _bound(option: str, text: str) -> "Bound":
    from pipeline.cli.durations import parse_age_s
    from results.prune import Bound

    hint = f"{option} {text}: expected an age such as 90d, or a number of runs from 1 such as 100"
    written = text.strip()
    if written.isascii() and written.isdigit():
        if not 1 <= int(written[:10]) <= 10**9:
            raise UsageError(hint)
        return Bound(count=int(written))
    try:
        age_s = parse_age_s(written, option)
    except UsageError:
        raise UsageError(hint) from None
    if age_s > _MOST_AGE_S:
        raise UsageError(hint)
    return Bound(age_s=age_s)


def _tell_space(done: "Pruned", url: str) -> None:
    if done.space is not None and done.space.failure is None:
        before, after = (size / 2**20 for size in (done.space.before_bytes, done.space.after_bytes))
        say(f"the file has {after:,.1f} MiB now, {before:,.1f} MiB before")
    elif done.space is not None:
        say(
            f"the file keeps its size ({done.space.failure}), and new runs use what is free in it; "
            "prune again while nothing else uses it to make it smaller"
        )
    elif url.startswith("postgresql") and done.rows:
        say("PostgreSQL uses the room again by itself (autovacuum)")
