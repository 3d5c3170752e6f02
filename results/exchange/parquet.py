"""Exports as one Parquet file: the union of all columns, and a column `table`.

The header and the end are in the file's key-value metadata; each page has a checksum.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import msgspec

from results.errors import ExchangeError, MissingExtraError
from results.exchange.columns import Kind
from results.exchange.header import KEY, Header, check_end, read_header, told_end
from results.exchange.shapes import SHAPES, Shape
from results.exchange.streams import FileRow

_TABLE = "table"
_END = "tierbench_end"
_ROWS_A_GROUP = 10_000
_ROWS_AT_ONCE = 2_000
_KINDS = {field.name: field.kind for shape in SHAPES.values() for field in shape.fields}


class ParquetWriter:
    """Writes an export as Parquet, a row group for some whole runs."""

    def __init__(self, writer: Any, types: Mapping[str, Any]) -> None:
        self._writer = writer
        self._types = types
        self._columns: dict[str, list[Any]] = {name: [] for name in types}

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """A writer of a new file.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        arrow, parquet = _arrow()
        types = _types(arrow)
        header = {KEY: msgspec.json.encode(Header.current().told())}
        texts = [name for name, type_ in types.items() if type_ == arrow.string()]
        with parquet.ParquetWriter(
            path,
            arrow.schema(types.items(), metadata=header),
            compression="zstd",
            use_dictionary=texts,
            write_statistics=[_TABLE],
            write_page_checksum=True,
        ) as writer:
            yield cls(writer, types)

    def rows(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of one table, each with its values in the order of `names`."""
        if not rows:
            return
        given = dict(zip(names, zip(*rows, strict=True), strict=True))
        absent = [None] * len(rows)
        for name, column in self._columns.items():
            values = given.get(name, absent)
            column.extend(_as_text(values) if _is_document(table, name) else values)
        self._columns[_TABLE][-len(rows) :] = [table] * len(rows)
        self._flush_if(_ROWS_A_GROUP * 2)

    def end_run(self) -> None:
        """Say that all rows of a run were written."""
        self._flush_if(_ROWS_A_GROUP)

    def close(self, counts: Mapping[str, int]) -> None:
        """Write the end: how many rows of each table there are."""
        self._flush_if(1)
        self._writer.add_key_value_metadata({_END: msgspec.json.encode(told_end(counts))})

    def _flush_if(self, rows: int) -> None:
        if len(self._columns[_TABLE]) < rows:
            return
        arrow, _ = _arrow()
        arrays = [arrow.array(self._columns[name], type_) for name, type_ in self._types.items()]
        self._writer.write_table(arrow.Table.from_arrays(arrays, schema=self._writer.schema))
        self._columns = {name: [] for name in self._types}


class ParquetReader:
    """Reads an export in Parquet, once.

    Raises:
        MissingExtraError: pyarrow is not installed.
        ExchangeError: The file is damaged, or no export.
    """

    def __init__(self, path: Path, name: str) -> None:
        arrow, parquet = _arrow()
        self.name = name
        self._number = 0
        self._failures = (arrow.ArrowException, OSError, UnicodeDecodeError)
        try:
            self._file = parquet.ParquetFile(path, page_checksum_verification=True)
        except self._failures:
            raise ExchangeError(f"{name} is no whole Parquet file; export it again") from None
        self._told = self._file.metadata.metadata or {}
        read_header(_decoded(self._told.get(KEY.encode())), name)
        self._check_columns(arrow)

    def rows(self) -> Iterator[FileRow]:
        """Every row, in the order of the file.

        Raises:
            ValueError: The file is damaged.
        """
        counts: Counter[str] = Counter()
        try:
            for batch in self._file.iter_batches(_ROWS_AT_ONCE):
                for row in _rows_of(batch):
                    self._number += 1
                    counts[row.table] += 1
                    yield row
        except self._failures as error:
            raise ValueError(f"the file is damaged ({error})") from None
        check_end(_decoded(self._told.get(_END.encode())), counts)

    def place(self) -> str:
        """Where the row that came last stands in the file."""
        return f"row {self._number}"

    def _check_columns(self, arrow: ModuleType) -> None:
        expected = _types(arrow)
        found = {field.name: field.type for field in self._file.schema_arrow}
        for name in (*found, *expected):
            if found.get(name) != expected.get(name):
                raise ExchangeError(
                    f"{self.name} can't be imported: its column {name[:40]!r} is "
                    f"{found.get(name, 'missing')}, not {expected.get(name, 'known')}"
                )


def _rows_of(batch: Any) -> Iterator[FileRow]:
    columns = {
        name: column.to_pylist()
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
        if column.null_count < len(column)
    }
    for place, table in enumerate(columns.get(_TABLE, ())):
        shape = SHAPES.get(str(table))
        if shape is None:
            raise ValueError(f"there is no table {str(table)[:40]!r}")
        yield FileRow(table, _row(shape, columns, place))


def _row(shape: Shape, columns: Mapping[str, Sequence[Any]], place: int) -> dict[str, Any]:
    row = {
        field.name: columns[field.name][place] if field.name in columns else None
        for field in shape.fields
    }
    for field in shape.fields:
        text = row[field.name] if field.kind is Kind.DOCUMENT else None
        if text is not None:
            row[field.name] = msgspec.json.decode(text)
    return row


def _is_document(table: str, name: str) -> bool:
    return any(field.name == name and field.kind is Kind.DOCUMENT for field in SHAPES[table].fields)


def _as_text(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else msgspec.json.encode(value).decode() for value in values]


def _decoded(told: bytes | None) -> Any:
    try:
        return None if told is None else msgspec.json.decode(told)
    except (ValueError, RecursionError):
        return None


def _types(arrow: ModuleType) -> dict[str, Any]:
    """The columns of the file: documents are texts, whole numbers have 64 bits."""
    known = {
        Kind.TEXT: arrow.string(),
        Kind.DOCUMENT: arrow.string(),
        Kind.INTEGER: arrow.int64(),
        Kind.NUMBER: arrow.float64(),
        Kind.FLAG: arrow.bool_(),
        Kind.BYTES: arrow.binary(),
    }
    return {_TABLE: arrow.string(), **{name: known[kind] for name, kind in _KINDS.items()}}


def _arrow() -> tuple[ModuleType, ModuleType]:
    # It takes half a second to import, and only this format needs it.
    try:
        import pyarrow as pa  # noqa: PLC0415 - see above
        from pyarrow import parquet  # noqa: PLC0415 - see above
    except ImportError:
        raise MissingExtraError(
            "Parquet needs pyarrow: pip install 'tierbench[parquet]'; or use --format jsonl"
        ) from None
    return pa, parquet
