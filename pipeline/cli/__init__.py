"""The `bench` command: thin commands that parse, call the rooms and print."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run `bench`; an error that is not a bug ends it with one line and an exit code."""
    try:
        from pipeline.cli.app import app
        from pipeline.cli.errors import errors_as_lines

        with errors_as_lines():
            sys.exit(app(prog_name="bench", standalone_mode=False))
    except KeyboardInterrupt:
        # While modules are still being imported nothing runs that would have to be stopped.
        sys.exit(_INTERRUPTED)
