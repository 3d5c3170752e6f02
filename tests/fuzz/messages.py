"""What may lie in the queue or in a job's row: damaged messages and specifications."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dramatiq import Message

from pipeline import catalogue
from pipeline.bundle import collect
from pipeline.errors import PipelineError
from pipeline.jobspec import decode
from pipeline.letters import AGGREGATE_RUN, QUEUE, RUN_JOB, fault_of
from pipeline.plan import plan_run
from tests.fuzz.mutation import damaged, distorted
from tests.fuzz.trying import is_untold


@dataclass(frozen=True, slots=True)
class Case:
    """A message's bytes, or a specification where there are none."""

    message: bytes | None
    spec: Mapping[str, Any] | None = None


@cache
def _specs() -> tuple[Mapping[str, Any], ...]:
    plan = plan_run(collect(catalogue.expand(["quick"])), run_id="run", seed=1)
    return tuple(json.loads(json.dumps(job.spec)) for job in plan.jobs)


def _fields(chance: random.Random) -> dict[str, Any]:
    return {
        "queue_name": QUEUE,
        "actor_name": chance.choice((RUN_JOB, AGGREGATE_RUN)),
        "args": ["20261122-110259-k3f9-0001"],
        "kwargs": {},
        "options": {"redis_message_id": "0b6c1f5e-5b1f-4ed1-8f5f-6d2f2c3b0d5a"},
        "message_id": "4d5d9f10-3c5c-4c29-8a0f-62a4b3b9fd0e",
        "message_timestamp": 1_700_000_000_000,
    }


def cases(chance: random.Random) -> Iterator[Case]:
    """Damaged bytes, distorted messages and distorted specifications by turns, without end."""
    while True:
        valid = json.dumps(_fields(chance)).encode()
        yield Case(damaged(valid, [valid], chance))
        yield Case(json.dumps(distorted(_fields(chance), chance)).encode())
        for _ in range(2):
            yield Case(None, distorted(chance.choice(_specs()), chance))


def try_out(case: Case, _folder: Path) -> bool:
    """Read it as a worker does; whether it was taken for what it should be."""
    if case.message is None:
        return _is_spec(case.spec)
    fault = fault_of(case.message)
    if fault is not None:
        assert fault
        assert "\n" not in fault
        return False
    message: Message[None] = Message.decode(case.message)
    assert message.actor_name in (RUN_JOB, AGGREGATE_RUN)
    assert isinstance(message.args[0], str)
    return True


def _is_spec(spec: Any) -> bool:
    try:
        decode(spec)
    except PipelineError as error:
        return is_untold(error, lines=1)
    return True
