"""The files that an import reads: of either format, which the first bytes tell, or stdin."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.cli.errors import UsageError
from results.exchange.jsonl import JsonLinesReader
from results.exchange.streams import Reader

_PARQUET = b"PAR1"
STDIN = "-"


@contextmanager
def opened(names: Sequence[str]) -> Iterator[Iterable[Reader]]:
    """The exports with these names, each open until the end, their headers checked.

    Raises:
        UsageError: stdin is named twice.
        ExchangeError: One is no export, or one that this Tierbench can't read.
        OSError: One can't be read.
    """
    if names.count(STDIN) > 1:
        raise UsageError("- is given twice; stdin can be read once")
    with ExitStack() as stack:
        yield [_reader(stack, name) for name in names]


def _reader(stack: ExitStack, name: str) -> Reader:
    if name == STDIN:
        return _of_format(sys.stdin.buffer, "stdin", None)
    path = Path(name)
    return _of_format(stack.enter_context(path.open("rb")), name, path)


def _of_format(file: BinaryIO, name: str, path: Path | None) -> Reader:
    # Both are buffered, so that the first bytes can be looked at and left where they are.
    if cast("BufferedReader", file).peek(len(_PARQUET))[: len(_PARQUET)] != _PARQUET:
        return JsonLinesReader(file, name)
    if path is None:
        raise UsageError("stdin can't be Parquet, which is read from its end; name the file")
    from results.exchange.parquet import ParquetReader

    return ParquetReader(path, name)
