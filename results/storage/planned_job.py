"""A stored job as it was planned; what has damaged its row since is told, not stumbled over."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Row, Text, cast

from results.errors import DamagedJobError
from results.expectation import Expectation
from results.records import Job
from results.tables import jobs

_DOCUMENTS: dict[str, type[list[Any]] | type[dict[str, Any]]] = {
    "expectations": list,
    "spec": dict,
    "parameters": dict,
}
_STORED = LargeBinary().with_variant(Text(), "postgresql")
_BOUNDS = ("at_least", "at_most", "equals")


def columns(*names: str) -> list[ColumnElement[Any]]:
    """Columns of `jobs`, all where none are named.

    Documents are selected as they are stored: drivers that meet a damaged one give no row at all.
    """
    return [_column(name) for name in names or jobs.c.keys()]


def to_job(row: Row[Any]) -> Job:
    """The job of a row of all `columns`.

    Raises:
        DamagedJobError: One of its documents can't be read.
    """
    return Job(
        job_id=row.job_id,
        run_id=row.run_id,
        position=row.position,
        scenario=row.scenario,
        subject=row.subject,
        repeat=row.repeat,
        group=row.group,
        shard=row.shard,
        role=row.role,
        deadline_s=row.deadline_s,
        max_attempts=row.max_attempts,
        expectations=to_expectations(row),
        spec=_document(row, "spec"),
        parameters=to_parameters(row),
    )


def to_expectations(row: Row[Any]) -> tuple[Expectation, ...]:
    """The expectations of a row of at least `job_id`, `run_id` and `expectations`.

    Raises:
        DamagedJobError: They can't be read.
    """
    try:
        return tuple(to_expectation(each) for each in _document(row, "expectations"))
    except TypeError as error:
        raise _damaged(row, "expectations", error) from None


def to_parameters(row: Row[Any]) -> Mapping[str, Any]:
    """The parameters of a row of at least `job_id`, `run_id` and `parameters`.

    Raises:
        DamagedJobError: They can't be read.
    """
    found: dict[str, Any] = _document(row, "parameters")
    return found


def to_expectation(found: Mapping[str, Any]) -> Expectation:
    """The expectation of a document.

    Raises:
        TypeError: It has fields or values that no expectation has.
    """
    expectation = Expectation(**found)
    given = {name: value for name, value in found.items() if value is not None}
    wrong = [name for name, value in given.items() if not isinstance(value, _type_of(name))]
    if wrong:
        raise TypeError(f"{wrong[0]} is a {type(found[wrong[0]]).__name__}")
    return expectation


def _column(name: str) -> ColumnElement[Any]:
    column = jobs.c[name]
    return cast(column, _STORED).label(name) if name in _DOCUMENTS else column


def _document(row: Row[Any], name: str) -> Any:
    try:
        found = json.loads(getattr(row, name))
    except ValueError as error:
        raise _damaged(row, name, error) from None
    if not isinstance(found, _DOCUMENTS[name]):
        raise _damaged(row, name, f"a {type(found).__name__}, no {_DOCUMENTS[name].__name__}")
    return found


def _type_of(name: str) -> tuple[type, ...]:
    return (int, float) if name in _BOUNDS else (str,)


def _damaged(row: Row[Any], name: str, why: object) -> DamagedJobError:
    text = f"job {row.job_id}: what the results database has as its {name} is damaged: {why}"
    return DamagedJobError(" ".join(text.split()), job_id=row.job_id, run_id=row.run_id)
