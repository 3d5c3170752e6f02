"""A job's specification as JSON-able data, in which form it is stored and travels."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import JobSpecError
from pipeline.scenario import JobSpec

_ADAPTER = TypeAdapter(JobSpec)


def encode(spec: JobSpec) -> dict[str, Any]:
    """The specification as data that JSON keeps as it is."""
    encoded: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(spec)))
    return encoded


def decode(data: Mapping[str, Any]) -> JobSpec:
    """The specification that `encode` was given.

    Raises:
        JobSpecError: The data are of another version of Tierbench, or were damaged.
    """
    try:
        return _ADAPTER.validate_json(json.dumps(data, default=dict))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        told = f"job specification: {where}: {first['msg']}; was it planned by another version?"
        raise JobSpecError(" ".join(told.split())) from None
