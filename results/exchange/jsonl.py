"""Exports as JSON lines: a header, a row a line, and an end with a SHA-256 of all before it."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import msgspec

from results.exchange.header import Header, check_end, read_header, told_end
from results.exchange.streams import FileRow

_FLUSH_BYTES = 1 << 20
_LONGEST_HEADER_BYTES = 4096
LONGEST_LINE_BYTES = 1 << 26


class JsonLinesWriter:
    """Writes an export as JSON lines, bytes as base64."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._seen = hashlib.sha256()
        self._lines: list[bytes] = []
        self._size = 0
        self._line(Header.current().told())

    def rows(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of one table, each with its values in the order of `names`."""
        columns = ("table", *names)
        for row in rows:
            self._line(dict(zip(columns, (table, *row), strict=True)))

    def end_run(self) -> None:
        """Say that all rows of a run were written."""

    def close(self, counts: Mapping[str, int]) -> None:
        """Write the end: how many rows of each table there are."""
        self._flush()
        self._line({**told_end(counts), "sha256": self._seen.hexdigest()})
        self._flush()

    def _line(self, told: Mapping[str, Any]) -> None:
        line = msgspec.json.encode(told)
        self._lines.append(line)
        self._size += len(line)
        if self._size > _FLUSH_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._lines:
            text = b"\n".join([*self._lines, b""])
            self._seen.update(text)
            self._out.write(text)
            self._lines, self._size = [], 0


class JsonLinesReader:
    """Reads an export in JSON lines, once."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._file = file
        self._number = 1
        self._seen = hashlib.sha256()
        self._counts: Counter[str] = Counter()
        first = file.readline(_LONGEST_HEADER_BYTES)
        self._seen.update(first)
        read_header(_decode_first(first), name)

    def rows(self) -> Iterator[FileRow]:
        """Every row, in the order of the file.

        Raises:
            ValueError: The file is damaged or cut off.
        """
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        for line in iter(self._next_line, b""):
            try:
                row = decode(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"the line is damaged ({error})") from None
            if "end" in row:
                self._check_end(row)
                return
            table = row.pop("table", None)
            if not isinstance(table, str):
                raise ValueError("the line names no table")  # noqa: TRY004 - a file's mistake
            self._seen.update(line)
            self._counts[table] += 1
            yield FileRow(table, row)
        raise ValueError("the file ends before its end: it was cut off")

    def place(self) -> str:
        """Where the row that came last stands in the file."""
        return f"line {self._number}"

    def _next_line(self) -> bytes:
        line = self._file.readline(LONGEST_LINE_BYTES)
        if line:
            self._number += 1
        if line and not line.endswith(b"\n"):
            if len(line) >= LONGEST_LINE_BYTES:
                raise ValueError(f"the line is longer than {LONGEST_LINE_BYTES >> 20} MiB")
            raise ValueError("the line is cut off")
        return line

    def _check_end(self, row: Mapping[str, Any]) -> None:
        if row.get("sha256") != self._seen.hexdigest():
            raise ValueError("the SHA-256 does not match: the file was changed or damaged")
        check_end(row, self._counts)
        if self._file.read(1):
            raise ValueError("the file goes on after its end; give each export by itself")


def _decode_first(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
