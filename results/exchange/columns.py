"""What a column holds in an export: how it is checked when it comes back, and its Arrow type."""

import binascii
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    String,
)


class Kind(StrEnum):
    """What a column holds; a document is anything that JSON can say."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    BYTES = "bytes"
    DOCUMENT = "document"


_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (JSON, Kind.DOCUMENT),
    (LargeBinary, Kind.BYTES),
    (Boolean, Kind.FLAG),
    (Double, Kind.NUMBER),
    (Integer, Kind.INTEGER),
    (String, Kind.TEXT),
)
# An escaped character 0, not an escaped backslash before its digits.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_INTEGER_BITS = 31
_BIG_INTEGER_BITS = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a table in an export.

    `limit` is the greatest number of characters of a text, the greatest whole number (its negative
    less one is the smallest) of an integer, and None where there is no limit.
    """

    name: str
    kind: Kind
    nullable: bool
    limit: int | None = None

    @classmethod
    def of(cls, column: Column[Any]) -> "Field":
        """As the database has it."""
        kind = next(kind for type_, kind in _KINDS if isinstance(column.type, type_))
        limit: int | None = None
        if isinstance(column.type, String):
            limit = column.type.length
        elif kind is Kind.INTEGER:
            is_big = isinstance(column.type, BigInteger)
            limit = (1 << (_BIG_INTEGER_BITS if is_big else _INTEGER_BITS)) - 1
        return cls(name=str(column.key), kind=kind, nullable=bool(column.nullable), limit=limit)

    def check(self, value: Any) -> Any:
        """The value as it is stored; of bytes also where it comes as base64.

        Raises:
            ValueError: It is none that this column takes.
        """
        if value is None:
            if self.nullable:
                return None
            raise ValueError(f"{self.name} has no value")
        return _CHECKS[self.kind](self, value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(field, value, "a text")
    if "\x00" in value:
        raise ValueError(f"{field.name} has the character NUL, which no database takes")
    if field.limit is not None and len(value) > field.limit:
        raise ValueError(f"{field.name} has {len(value)} characters, more than {field.limit}")
    return value


def _document(field: Field, value: Any) -> Any:
    if _NUL.search(msgspec.json.encode(value)):
        raise ValueError(f"{field.name} has the character NUL, which no database takes")
    return value


def _integer(field: Field, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(field, value, "a whole number")
    if field.limit is not None and not -field.limit - 1 <= value <= field.limit:
        raise ValueError(f"{field.name} is {str(value)[:30]}, beyond what is stored")
    return value


def _number(field: Field, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong(field, value, "a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _wrong(field, value, "a finite number")
    return number


def _bytes(field: Field, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise _wrong(field, value, "bytes as base64")
    try:
        return binascii.a2b_base64(value, strict_mode=True)
    except ValueError as error:
        raise ValueError(f"{field.name} is no base64: {error}") from None


def _wrong(field: Field, value: Any, wanted: str) -> ValueError:
    return ValueError(f"{field.name} is {str(value)[:30]!r}, not {wanted}")


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(field, value, "true or false")
    return value


_CHECKS: Mapping[Kind, Callable[[Field, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.BYTES: _bytes,
    Kind.DOCUMENT: _document,
}
