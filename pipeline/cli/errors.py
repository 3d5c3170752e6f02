"""Turns a user's mistake or a missing service into one line on stderr and an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.cli.exits import ExitCode
from pipeline.errors import (
    PipelineError,
    ScenarioFileError,
    SettingsError,
    TraceFormatError,
    UnknownNameError,
)
from results.errors import (
    FileTooLargeError,
    InvalidExpectationError,
    ResultsError,
    UnknownMetricError,
    UnknownRunError,
)


class UsageError(PipelineError):
    """Arguments that `bench` can't use."""


class WorkersDiedError(PipelineError):
    """The worker process that a run started has ended before its jobs."""


_USAGE = (
    UsageError,
    ScenarioFileError,
    SettingsError,
    TraceFormatError,
    UnknownNameError,
    FileTooLargeError,
    InvalidExpectationError,
    UnknownMetricError,
    UnknownRunError,
)


def say(line: str) -> None:
    """Print one line for people, beside a command's output."""
    print(f"bench: {line}", file=sys.stderr, flush=True)  # noqa: T201 - what a command is for


@contextmanager
def errors_as_lines() -> Iterator[None]:
    """End the process with one line and an exit code where a known error comes up.

    Anything else is a bug and keeps its traceback.
    """
    try:
        yield
    except (PipelineError, ResultsError) as error:
        say(str(error))
        sys.exit(ExitCode.USAGE if isinstance(error, _USAGE) else ExitCode.ERROR)
    except OSError as error:
        if error.filename is None:
            raise
        say(f"{error.filename}: {error.strerror}")
        sys.exit(ExitCode.ERROR)
