"""The `bench` command in this process: what many short calls of it would take long for."""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from pipeline.cli.app import app
from pipeline.cli.errors import errors_as_lines


@dataclass(frozen=True, slots=True)
class Done:
    """What a call came to."""

    returncode: int
    stdout: str
    stderr: str


def call_bench(folder: Path, environment: Mapping[str, str], *arguments: str) -> Done:
    """Call it as `pipeline.cli.main` does, in a folder and with these BENCH_* variables alone."""
    written, stderr = io.BytesIO(), io.StringIO()
    # Some commands write bytes.
    stdout = io.TextIOWrapper(written, encoding="utf-8", write_through=True)
    with (
        chdir(folder),
        _variables(environment),
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        code = _exit_code(arguments)
    return Done(code, written.getvalue().decode(), stderr.getvalue())


def _exit_code(arguments: tuple[str, ...]) -> int:
    try:
        with errors_as_lines():
            code = app(list(arguments), prog_name="bench", standalone_mode=False)
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 130
    return code or 0


@contextmanager
def _variables(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    kept = {name: value for name, value in before.items() if not name.startswith("BENCH_")}
    os.environ.clear()
    os.environ.update({**kept, "COLUMNS": "100", **environment})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
