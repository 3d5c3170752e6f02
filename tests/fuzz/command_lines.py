"""Command lines: damaged ones of every command, where no service answers and nothing lies."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from results.aggregate import aggregate
from results.store import Store
from tests.fuzz.mutation import ODD_TEXTS
from tests.pipeline.cli.conftest import SMALL
from tests.results.build import a_job, complete, plan
from tests.support.in_process import call_bench

NOBODY = "redis://127.0.0.1:1/0"
LONGEST = 2000
CODES = {0, 1, 2, 3, 4, 130}

_LINES = (
    "run small.toml --seed 5 --repeat 2 --set operations=5 --label a=b",
    "run basic_operations --subject null --workers 2 --report-file r.json --json",
    "run small.toml --services urls --code-version v1 --verbose",
    "enqueue small.toml --type all --idempotency-key k --seed 1 --json",
    "enqueue small.toml --wait --report-file r.json --subject multilevel",
    "enqueue trace_replay --set trace=t.trace --repeat 3",
    "worker --processes 2 --samples raw --allow-subject package.module:factory",
    "status 2026 --json",
    "status --watch",
    "cancel 2026 --json",
    "resume 2026 --wait --report-file r.json",
    "report 2026 --format md -o r.md",
    "trends throughput --scenario small --subject null --last 3 --since 30d --json",
    "scenarios small.toml --json",
    "scenarios basic_operations --schema",
    "doctor --noise --repeat 4 --json",
    "test --type integration --class TestBasicCacheOperations --report-file r.json",
    "trace stat t.trace --json",
    "trace convert t.trace u.csv.gz --requests 3 --key-scale 2 --lossy --force",
)


def cases(chance: random.Random) -> Iterator[tuple[str, ...]]:
    """Damaged command lines, without end."""
    words = [word for line in _LINES for word in line.split()]
    while True:
        line = chance.choice(_LINES).split()
        for _ in range(chance.choice((1, 1, 2, 3))):
            _damage(line, words, chance)
        # The system hands over no NUL, and what is no UTF-8 as these half surrogates.
        yield tuple(word.replace("\x00", "").replace("\ud83d", "\udc83")[:LONGEST] for word in line)


def try_out(
    case: tuple[str, ...], folder: Path, broker_url: str = NOBODY, results: Path | None = None
) -> bool:
    """Call it; whether it came to a good end.

    Args:
        case: The arguments.
        folder: Where it is called; emptied before.
        broker_url: A broker, or an address where there is none.
        results: A results database to begin with; none where None.
    """
    place = folder / "place"
    shutil.rmtree(place, ignore_errors=True)
    (place / ".bench").mkdir(parents=True)
    if results is not None:
        shutil.copy(results, place / ".bench" / "results.db")
    (place / "small.toml").write_text(SMALL)
    (place / "t.trace").write_bytes(bytes(range(40)))
    done = call_bench(place, {"BENCH_BROKER_URL": broker_url}, *case)
    assert done.returncode in CODES
    assert done.returncode in (0, 130) or done.stderr.strip()
    assert "Traceback" not in done.stderr + done.stdout
    assert not _half_written(place / ".bench" / "results.db")
    return done.returncode == 0


def make_results(path: Path) -> None:
    """Make a results database that holds an ended, an open and a cancelled run."""
    with Store.open(f"sqlite:///{path}") as store:
        for run_id in ("20260101-a", "20260102-b", "20260203-c"):
            plan(store, [a_job(run_id, position) for position in range(2)])
        for job in store.jobs("20260101-a"):
            complete(store, job)
        store.cancel_run("20260203-c")
        aggregate(store, "20260101-a")


def _damage(line: list[str], words: list[str], chance: random.Random) -> None:
    where = chance.randrange(len(line) + 1)
    values = [place for place, word in enumerate(line) if place and not word.startswith("-")]
    what = chance.random()
    if what < 0.5 and values:
        line[chance.choice(values)] = chance.choice((*ODD_TEXTS, *words))
    elif what < 0.7 and values:
        place = chance.choice(values)
        word = line[place]
        cut = chance.randint(0, len(word))
        line[place] = word[:cut] + chance.choice(("", "=", ":", "\udcff", "é")) + word[cut + 1 :]
    elif what < 0.8:
        line.insert(where, chance.choice(words))
    elif what < 0.9:
        line.insert(where, chance.choice(ODD_TEXTS))
    elif line:
        del line[where - 1]


def _half_written(results: Path) -> list[str]:
    if not results.exists():
        return []
    with Store.open(f"sqlite:///{results}") as store:
        runs = [stored.run.run_id for stored in store.runs(99)]
        return [run_id for run_id in runs if not store.progress(run_id).total]
