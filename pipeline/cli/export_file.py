"""Where an export is written: stdout, or a file that is there whole or not at all."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.cli.slow import Ticker
from pipeline.cli.whole_file import replacing
from results.exchange.export import Exported, export_runs
from results.exchange.jsonl import JsonLinesWriter
from results.exchange.streams import Writer
from results.series import Selection
from results.store import Store


def write_export(store: Store, wanted: Selection, written_as: str, path: Path | None) -> Exported:
    """Export runs, and say how far it is where that takes long.

    Args:
        store: The results database.
        wanted: Which runs.
        written_as: `jsonl` or `parquet`.
        path: The file; stdout where None, which takes JSON lines alone.
    """
    ticker = Ticker()

    def on_run(done: int, of: int) -> None:
        ticker.say(f"{done:,} of {of:,} runs exported")

    with _opened(written_as, path) as open_writer:
        return export_runs(store, wanted, open_writer, on_run)


@contextmanager
def _opened(written_as: str, path: Path | None) -> Iterator[Callable[[], Writer]]:
    if path is None:
        yield lambda: JsonLinesWriter(sys.stdout.buffer)
        return
    with replacing(path) as partial:
        if written_as == "parquet":
            from results.exchange.parquet import ParquetWriter

            with ParquetWriter.open(partial) as writer:
                yield lambda: writer
        else:
            with partial.open("wb") as file:
                yield lambda: JsonLinesWriter(file)
