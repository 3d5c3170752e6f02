"""The program: measures family after family, prints the table, and says by its exit code."""

import argparse
import asyncio
import gc
import json
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tests.perf import (
    asking,
    checking,
    detecting,
    helping,
    hit_ratio,
    in_worker,
    l1_hit,
    l1_memory,
    l1_steady,
    l2_hit,
    l3_hit,
    open_loop,
    recording,
    reporting,
    storing,
    unchanged,
    warm,
    write_through,
)
from tests.perf.bench import FULL, QUICK, Bench
from tests.perf.choice import Choice, choose
from tests.perf.errors import PerfError
from tests.perf.machine import described
from tests.perf.result import MISSED, UNKNOWN, Measured, Result, judged
from tests.perf.rows import ROWS, Bar
from tests.perf.table import row, table
from tests.support.servers import embedded_redis

EXIT_MET: Final = 0
EXIT_ERROR: Final = 1
EXIT_USAGE: Final = 2
EXIT_MISSED: Final = 3
EXIT_UNKNOWN: Final = 4

TRACES: Final = Path(__file__).parents[3] / "shared" / "traces"

Measurement = Callable[[Bench], Coroutine[Any, Any, list[Measured]]]

FAMILIES: Final[Mapping[str, Measurement]] = MappingProxyType(
    {
        "l1-hit": l1_hit.measure,
        "l1-steady": l1_steady.measure,
        "l2-hit": l2_hit.measure,
        "l3-hit": l3_hit.measure,
        "set": write_through.measure,
        "warm": warm.measure,
        "hit-ratio": hit_ratio.measure,
        "l1-memory": l1_memory.measure,
        "record": recording.measure,
        "open-loop": open_loop.measure,
        "worker": in_worker.measure,
        "check": checking.measure,
        "merge": reporting.measure_merge,
        "report": reporting.measure_report,
        "store": storing.measure,
        "history": asking.measure,
        "help": helping.measure,
        "detect": detecting.measure,
        "compare": unchanged.measure,
    }
)

_NAMES: Final = ", ".join(FAMILIES)

BARS: Final[Mapping[str, Bar]] = MappingProxyType({name: row.bar for name, row in ROWS.items()})


def main(arguments: Sequence[str], bars: Mapping[str, Bar] = BARS) -> int:
    """Measure what the arguments ask for.

    Args:
        arguments: What follows the program's name.
        bars: The bar of each row.

    Returns:
        0 when every bar is met, 3 when one is missed, 4 when one can't be judged, 1 on an error,
        2 where nothing is called as asked.
    """
    options = _parser().parse_args(arguments)
    try:
        choice = choose(options.only or (), FAMILIES)
    except LookupError as error:
        sys.stderr.write(f"perf: --only {error}: no family or row is called so: {_NAMES}\n")
        return EXIT_USAGE
    try:
        results = _measure(options, choice, bars)
    except PerfError as error:
        sys.stderr.write(f"perf: {error}\n")
        return EXIT_ERROR
    sys.stdout.write(f"\n{table(results)}\n")
    if options.json:
        options.json.write_text(json.dumps(_report(options, results), indent=2) + "\n")
    return exit_code(results)


def exit_code(results: Sequence[Result]) -> int:
    """Return what the results come to."""
    statuses = {result.status for result in results}
    if MISSED in statuses:
        return EXIT_MISSED
    return EXIT_UNKNOWN if UNKNOWN in statuses else EXIT_MET


def _measure(options: argparse.Namespace, choice: Choice, bars: Mapping[str, Bar]) -> list[Result]:
    results = []
    # What was imported is never garbage, and looking through it would take most of the time.
    gc.freeze()
    with (
        tempfile.TemporaryDirectory(prefix="tierbench-perf-") as folder,
        embedded_redis() as server,
    ):
        bench = Bench(
            sizes=QUICK if options.quick else FULL,
            redis_url=server.url,
            folder=Path(folder),
            traces=options.traces,
            say=_say,
        )
        for family, wanted in choice.items():
            _say(f"{family} ...")
            measured = asyncio.run(FAMILIES[family](bench))
            found = [judged(figures, bars) for figures in measured if figures.row in wanted]
            results += found
            for result in found:
                _say(f"  {row(result)}")
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.perf",
        description="Measure the cache beside its peers, in one run, and hold it to its bars.",
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="PATTERN",
        help=f"measure this family or this row only (* is anything); may be repeated: {_NAMES}",
    )
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes: shows that it runs, proves nothing"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    parser.add_argument(
        "--traces", type=Path, default=TRACES, metavar="FOLDER", help=f"default: {TRACES}"
    )
    return parser


def _report(options: argparse.Namespace, results: Sequence[Result]) -> dict[str, Any]:
    return {
        "quick": options.quick,
        "machine": described(),
        "rows": [
            {
                "what": result.row.what,
                "against": result.row.other,
                "bar": f"{result.bar.sense} {result.bar.limit:g} {result.bar.unit}",
                "status": result.status,
                **asdict(result.measured),
            }
            for result in results
        ],
    }


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
