"""Starts the program, or says in one line which peer is missing."""

import sys

try:
    from tests.perf.command import main
except ModuleNotFoundError as error:
    sys.exit(f"perf: {error.name} is not installed: run `make perf`, which installs every peer")

sys.exit(main(sys.argv[1:]))
