"""Turns a user's mistake or a missing service into one line on stderr and an exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from typer import TyperException

from pipeline.cli.exits import ExitCode
from pipeline.cli.harmless import harmless
from pipeline.errors import (
    KeyTakenError,
    PipelineError,
    ScenarioFileError,
    SettingsError,
    TooManyJobsError,
    TraceFormatError,
    TraceLoadError,
    UnknownNameError,
)
from results.errors import (
    BaselineError,
    FileTooLargeError,
    FinalRunError,
    InvalidExpectationError,
    NothingComparableError,
    ResultsError,
    UnknownMetricError,
    UnknownRunError,
    UnknownSideError,
)


class UsageError(PipelineError):
    """Arguments that `bench` can't use."""


class WorkersDiedError(PipelineError):
    """The worker process that a run started has ended before its jobs."""


_USAGE = (
    UsageError,
    KeyTakenError,
    TooManyJobsError,
    ScenarioFileError,
    SettingsError,
    TraceFormatError,
    TraceLoadError,
    UnknownNameError,
    FileTooLargeError,
    FinalRunError,
    InvalidExpectationError,
    UnknownMetricError,
    UnknownRunError,
    UnknownSideError,
    BaselineError,
)


def say(line: str) -> None:
    """Print one line for people, beside a command's output."""
    print(f"bench: {harmless(line)}", file=sys.stderr, flush=True)  # noqa: T201 - what a command is for


@contextmanager
def errors_as_lines() -> Iterator[None]:
    """End the process with one line and an exit code where a known error comes up.

    Anything else is a bug and keeps its traceback.
    """
    try:
        with _flushed_output():
            yield
    except (PipelineError, ResultsError) as error:
        say(str(error))
        sys.exit(_code_of(error))
    except TyperException as error:
        sys.stderr.write(_told(error))
        sys.exit(error.exit_code)
    except UnicodeEncodeError as error:
        # Python hands over bytes that are no UTF-8 as half surrogates, which nothing can store.
        if not any("\udc80" <= character <= "\udcff" for character in str(error.object)):
            raise
        say("an argument is no text in UTF-8; write it in UTF-8")
        sys.exit(ExitCode.USAGE)
    except BrokenPipeError:
        # Whoever read the output has seen enough of it.
        sys.exit(ExitCode.ERROR)
    except OSError as error:
        if error.errno is None:
            raise
        where = "the output" if error.filename is None else error.filename
        say(f"{where} can't be written or read: {error.strerror}")
        sys.exit(ExitCode.ERROR)


def _code_of(error: Exception) -> ExitCode:
    if isinstance(error, NothingComparableError):
        return ExitCode.UNKNOWN
    return ExitCode.USAGE if isinstance(error, _USAGE) else ExitCode.ERROR


def _told(error: TyperException) -> str:
    """One line about arguments that can't be parsed; the whole help where none were given."""
    message = error.format_message().replace("Value error, ", "").rstrip(".")
    if "\n" in message:
        return f"{message}\n"
    context = getattr(error, "ctx", None)
    command = "bench" if context is None else context.command_path
    return f"bench: {message}; see `{command} --help`\n"


@contextmanager
def _flushed_output() -> Iterator[None]:
    """Meet a full disk or a closed pipe here, where it can be told, and not at the very end."""
    try:
        yield
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise
