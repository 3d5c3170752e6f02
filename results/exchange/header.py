"""The beginning and the end of an export: what wrote it, and how much there is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from results.errors import ExchangeError
from results.exchange.shapes import FORMAT, SHAPES
from results.storage import layout

KEY = "tierbench_export"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What wrote an export; `layout` is that of the database that it comes from."""

    format: int
    layout: str
    tierbench: str

    @classmethod
    def current(cls) -> "Header":
        """Of this Tierbench."""
        return cls(format=FORMAT, layout=layout.HEAD, tierbench=version("tierbench"))

    def told(self) -> dict[str, Any]:
        """As JSON-able data."""
        return {KEY: self.format, "layout": self.layout, "tierbench": self.tierbench}


def read_header(told: Any, name: str) -> Header:
    """The header of a file that this Tierbench can read.

    Args:
        told: What `Header.told` made, or anything else.
        name: The file's name.

    Raises:
        ExchangeError: It is none, or one of another layout or format.
    """
    if not isinstance(told, Mapping) or KEY not in told:
        raise ExchangeError(f"{name} is no export of Tierbench; `bench export -o F` makes one")
    try:
        header = Header(
            format=_whole(told[KEY]),
            layout=_text(told.get("layout")),
            tierbench=_text(told.get("tierbench")),
        )
    except ValueError:
        raise ExchangeError(f"{name} is damaged: its header can't be read") from None
    _check_known(header, name)
    return header


def _check_known(header: Header, name: str) -> None:
    current = Header.current()
    if header.format > current.format or header.layout > current.layout:
        raise ExchangeError(
            f"{name} was exported by the newer Tierbench {header.tierbench} (format "
            f"{header.format}, layout {header.layout}), this one knows format {current.format}, "
            f"layout {current.layout}; upgrade Tierbench"
        )
    if header != Header(format=current.format, layout=current.layout, tierbench=header.tierbench):
        # 0004 is the first layout that exports; the next one brings rows of this one up to it.
        raise ExchangeError(
            f"{name} has the unknown layout {header.layout} (format {header.format}); export it "
            f"again with a Tierbench of layout {current.layout}"
        )


def told_end(counts: Mapping[str, int]) -> dict[str, Any]:
    """The end of an export as JSON-able data: how many rows of each table there are."""
    return {"end": dict(counts)}


def check_end(told: Any, counts: Mapping[str, int]) -> None:
    """Compare an export's end with what was read.

    Raises:
        ValueError: It is no end, or rows are missing or too many.
    """
    if not isinstance(told, Mapping) or not isinstance(told.get("end"), Mapping):
        raise ValueError("it has no end")  # noqa: TRY004 - a file's mistake, not a caller's
    expected = told["end"]
    for table in SHAPES:
        if expected.get(table, 0) != counts.get(table, 0):
            raise ValueError(
                f"it has {counts.get(table, 0)} rows of {table}, and says that there are "
                f"{str(expected.get(table, 0))[:20]}"
            )


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - a file's mistake, not a caller's
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > 40:  # noqa: PLR2004
        raise ValueError(value)
    return value
