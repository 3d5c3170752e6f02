"""Scenario files: damaged bytes of the catalogue's, parsed, filled in and planned."""

import random
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from pipeline.bundle import collect
from pipeline.errors import PipelineError
from pipeline.jobspec import decode
from pipeline.plan import plan_run
from results.errors import ResultsError
from tests.fuzz.mutation import damaged
from tests.fuzz.trying import is_untold

GRID = b"""
name = "grid"
purpose = "Each of these faults under each of these loads."
type = "resilience"
time_s = 3
l2_server = "own"

[parameters]
users = 2

[grid.load.few]
purpose = "Few users."

[grid.load.many.parameters]
users = 20

[grid.fault.l2_kill]
purpose = "Killed."

[grid.fault.l2_stop]
with = { load = ["few"] }

[[phases]]
name = "steady"
load = { users = "$users", duration_s = 3 }
faults = [{ kind = "$fault", at_s = 1, duration_s = 1 }]

[[expectations]]
metric = "wrong_values"
equals = 0
"""


@cache
def _valid() -> tuple[bytes, ...]:
    folder = files("pipeline") / "scenarios"
    found = [each.read_bytes() for each in folder.iterdir() if each.name.endswith(".toml")]
    # A grid of hundreds takes as long as hundreds of files.
    return (*sorted(each for each in found if b"[grid" not in each), *[GRID] * 8)


def cases(chance: random.Random) -> Iterator[bytes]:
    """Damaged scenario files, without end."""
    while True:
        yield damaged(chance.choice(_valid()), _valid(), chance)


def try_out(case: bytes, folder: Path) -> bool:
    """Plan what the file says; whether it was taken for a scenario.

    Args:
        case: The file's bytes.
        folder: Where it lies.
    """
    path = folder / "case.toml"
    path.write_bytes(case)
    try:
        plan = plan_run(collect([str(path)]), run_id="run", seed=1)
    except (PipelineError, ResultsError) as error:
        return is_untold(error)
    for job in plan.jobs:
        decode(job.spec)
    return True
