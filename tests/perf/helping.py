"""How long `bench --help` takes beside that of an application which does nothing."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.perf.bench import Bench
from tests.perf.result import Measured, compared
from tests.perf.rounds import Samples

_BENCH: Final = Path(sys.executable).with_name("bench")
_EMPTY: Final = """
import typer

app = typer.Typer()


@app.command()
def nothing() -> None:
    pass


app(prog_name="empty")
"""


async def measure(bench: Bench) -> list[Measured]:
    """Call both by turns."""
    empty = bench.folder / "empty.py"
    empty.write_text(_EMPTY)
    commands = ([str(_BENCH), "--help"], [sys.executable, str(empty), "--help"])
    rounds = [[_seconds(each) for each in commands] for _ in range(bench.sizes.rounds)]
    ours, other = (Samples(tuple(values)) for values in zip(*rounds, strict=True))
    return [compared("help-time", ours, other)]


def _seconds(command: Sequence[str]) -> float:
    began_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began_s
