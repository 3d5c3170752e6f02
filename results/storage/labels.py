"""Which runs have a label: each label is looked at by itself, whatever is in its name."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from results.tables import runs


class _Each(FunctionElement[Any]):
    """The names and values of a JSON object as rows."""

    name = "each"
    inherit_cache = True


@compiles(_Each, "sqlite")
def _sqlite_each(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Each, "postgresql")
def _postgresql_each(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each_text({compiler.process(element.clauses, **options)})"


def labelled(labels: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Conditions on runs: they have each of these labels.

    A path to the label is no way: SQLite compares names in it with what is written in the
    document, where everything but ASCII is escaped.
    """
    return [_has(name, value) for name, value in labels.items()]


def _has(name: str, value: str) -> ColumnElement[bool]:
    each = _Each(runs.c.labels).table_valued("key", "value")
    return exists().where(each.c.key == name, each.c.value == value)
