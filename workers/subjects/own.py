"""A user's own subject: imported where it is installed or allowed by name, and never otherwise.

The name comes with a job, so it is not to be trusted. Who starts a worker says what it may import.
"""

import os
import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from pipeline.subjects import GROUP
from workers.errors import SubjectError

ALLOWED_VARIABLE = "BENCH_ALLOWED_SUBJECTS"
_SEPARATOR = ","


def allowing(names: Iterable[str]) -> dict[str, str]:
    """What a worker process finds in its environment, so that it may import these subjects."""
    return {ALLOWED_VARIABLE: _SEPARATOR.join(names)}


def own_subject(name: str) -> EntryPoint:
    """The entry point of a subject that is named by its import path.

    Where it is not installed, it is looked for in the folder in which the worker was started too,
    after everything else: nothing that lies there takes the place of a module of ours.

    Args:
        name: `package.module:factory`.

    Raises:
        SubjectError: It is neither installed as a subject nor allowed on this worker.
    """
    for installed in entry_points(group=GROUP):
        if f"{installed.module}:{installed.attr}" == name:
            return installed
    if name not in os.environ.get(ALLOWED_VARIABLE, "").split(_SEPARATOR):
        raise SubjectError(
            f"subject {name} is not allowed on this worker: start it with --allow-subject {name}"
        )
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    return EntryPoint(name=name, value=name, group=GROUP)
