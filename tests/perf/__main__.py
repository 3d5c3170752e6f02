"""Starts the program, or says in one line which peer is missing."""

import sys

try:
    from tests.perf.command import main
except ModuleNotFoundError as error:
    if error.name not in {"aiocache", "cashews", "hiredis", "theine"}:
        raise
    sys.exit(f"perf: {error.name} is not installed: run `make perf`, which installs every peer")

sys.exit(main(sys.argv[1:]))
