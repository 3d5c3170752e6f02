"""Runs the program end to end with tiny sizes; what it measures then proves nothing."""

import importlib
import importlib.util
import json
import lzma
import math
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cache import CacheConfig, MultiLevelCache
from tests.docs.examples import ROOT
from tests.perf.answers import all_from, settle_in_l1
from tests.perf.choice import choose
from tests.perf.errors import WrongAnswersError
from tests.perf.records import encoded
from tests.perf.result import Measured, Result, compared, judged
from tests.perf.rounds import Contender, Samples, by_turns
from tests.perf.rows import ROWS, Bar
from tests.perf.table import row, table
from tests.support.servers import require

PEERS = ("aiocache", "cashews", "hiredis", "theine")
BARS = {name: row.bar for name, row in ROWS.items()}


@pytest.fixture
def program() -> ModuleType:
    """The program, where its peers are installed."""
    missing = [name for name in PEERS if importlib.util.find_spec(name) is None]
    if missing:
        require("The extra `peers`", f"{', '.join(missing)} not installed: run `make perf`")
    return importlib.import_module("tests.perf.command")


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """A folder with small seeded traces of the names that the program wants."""
    numbers = np.random.default_rng(1)
    for name in ("web07", "orm-busy"):
        requests = numbers.zipf(1.2, 3_000).clip(max=2_000).astype(">i4")
        (tmp_path / f"{name}.trace.xz").write_bytes(lzma.compress(requests.tobytes()))
    return tmp_path


@pytest.mark.story
def test_every_row_is_measured(program: ModuleType, traces: Path, tmp_path: Path) -> None:
    """The program measures each row beside its peer and writes a finite ratio for it."""
    report = tmp_path / "perf.json"
    arguments = ["--quick", "--json", str(report), "--traces", str(traces)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.perf", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {program.EXIT_MET, program.EXIT_MISSED}, done.stderr
    ratios = {row["row"]: row["ratio"] for row in json.loads(report.read_text())["rows"]}
    assert list(ratios) == list(ROWS)
    assert [name for name, ratio in ratios.items() if not math.isfinite(ratio)] == []
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize(("limit", "exit_code"), [(1e9, 0), (-1.0, 3)])
def test_an_impossible_bar_fails_its_row(
    program: ModuleType, capsys: pytest.CaptureFixture[str], limit: float, exit_code: int
) -> None:
    """A bar that nothing can reach is told as missed, and the exit code says so."""
    bars = {**BARS, "l1-memory": Bar("<=", limit, "B")}
    assert program.main(["--quick", "--only", "l1-memory"], bars) == exit_code
    assert ("MISSED" in capsys.readouterr().out) == (exit_code == 3)


def test_missing_traces_leave_rows_unknown(
    program: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the traces nobody can tell whether the bar is met, and the exit code says so."""
    arguments = ["--quick", "--only", "hit-ratio", "--traces", str(tmp_path)]
    assert program.main(arguments) == 4
    assert f"unknown: no web07.trace.xz in {tmp_path}" in capsys.readouterr().out


def test_every_row_belongs_to_one_family(program: ModuleType) -> None:
    """Without a pattern every row is measured, once."""
    chosen = choose([], program.FAMILIES)
    assert list(chosen) == list(program.FAMILIES)
    assert sorted(name for rows in chosen.values() for name in rows) == sorted(ROWS)


@pytest.mark.parametrize(
    ("patterns", "rows"),
    [
        (["l1-memory"], {"l1-memory": {"l1-memory"}}),
        (["record-cost"], {"record": {"record-cost"}}),
        (["record", "record-cost"], {"record": {"record-rate", "record-cost"}}),
        (["*-coredis", "l3-hit-us"], {"l2-hit": {"l2-hit-coredis"}, "l3-hit": {"l3-hit-us"}}),
    ],
    ids=("row", "only_row", "family", "several"),
)
def test_a_part_can_be_measured_alone(
    program: ModuleType, patterns: list[str], rows: dict[str, set[str]]
) -> None:
    """A family, a row, or whatever matches a pattern; families keep their order."""
    assert choose(patterns, program.FAMILIES) == rows


def test_a_pattern_that_matches_nothing_is_refused(
    program: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is measured, with the names that there are."""
    assert program.main(["--only", "l1-hat"]) == program.EXIT_USAGE
    said = capsys.readouterr().err
    assert "l1-hat" in said
    assert "l1-hit" in said


def test_a_wrong_measurement_is_an_error(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reads that the wrong tier answered end the program with one line instead of a figure."""

    async def measure(_bench: object) -> list[Measured]:
        raise WrongAnswersError("l2 answered 3 of 4 reads")

    monkeypatch.setattr(program, "FAMILIES", {"l2-hit": measure})
    assert program.main(["--quick"]) == 1
    assert capsys.readouterr().err.endswith("perf: l2 answered 3 of 4 reads\n")


def test_every_row_is_in_the_reference() -> None:
    """The page on performance has each row by its name, with its bar."""
    page = (ROOT / "docs" / "reference" / "performance.md").read_text()
    bars = {name: f"{bar.sense} {bar.limit:,g} {bar.unit}" for name, bar in BARS.items()}
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    listed = [name for name, bar in bars.items() if any(_says(line, name, bar) for line in lines)]
    assert listed == list(ROWS)


def _says(line: str, name: str, bar: str) -> bool:
    return line.startswith(f"| `{name}` |") and f"| {bar} |" in line


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar("<=", 4), {3.0: True, 4.0: True, 4.1: False}),
        (Bar(">=", 4), {3.9: False, 4.0: True, 5.0: True}),
        (Bar(">", 4), {3.9: False, 4.0: False, 5.0: True}),
    ],
    ids=str,
)
def test_a_bar_has_a_side(bar: Bar, met: dict[float, bool]) -> None:
    """A ratio at the limit meets `<=` and `>=`, and misses `>`."""
    assert {ratio: bar.is_met_by(ratio) for ratio in met} == met


def test_rounds_are_compared_side_by_side() -> None:
    """A machine that is slower for a round slows down both sides and changes no ratio."""
    ours, other = Samples((1.0, 2.0, 9.0)), Samples((3.0, 6.0, 27.0))
    assert compared("l2-hit-coredis", ours, other).ratio == 3
    assert compared("l2-hit-one", ours, other).ratio == pytest.approx(1 / 3)
    assert compared("l2-hit-pipelined", ours, other).ratio == 300


def test_spread_is_the_distance_of_the_quartiles() -> None:
    """By hand: the quartiles of 1 to 7 are 2 and 6, their distance is the median."""
    assert Samples((7.0, 1.0, 3.0, 2.0, 5.0, 6.0, 4.0)).spread == 1


async def test_contenders_take_turns() -> None:
    """Every second round goes the other way about, and the first turn of each does not count."""
    turns: list[str] = []

    def contender(name: str) -> Contender:
        async def turn() -> float:
            turns.append(name)
            return float(len(turns))

        return turn

    samples = await by_turns({"a": contender("a"), "b": contender("b")}, 2)
    assert "".join(turns) == "ab" + "ba" + "ab"
    assert samples["a"].values == (4.0, 5.0)


def test_units_are_short() -> None:
    """Rates in thousands, times in the unit that suits them, long ones to a hundredth."""
    results = [
        judged(Measured("record-rate", 522_400.0, 1.92e-6), BARS),
        judged(Measured("open-loop-lag", 0.83, 0.000_83), BARS),
        judged(Measured("merge-histograms", 2.094, 2.094), BARS),
    ]
    assert [" ".join(row(each).split()) for each in results] == [
        "recorded, closed loop 1.92 us - 522 k/s >= 400 k/s met",
        "p99 behind schedule 830 us at half its limit 0.83 ms <= 2 ms met",
        "1,000 attempts merged 2.09 s - 2.09 s <= 3 s met",
    ]


def test_a_line_fits_the_table() -> None:
    """No figure of any size makes a line longer than 100 columns."""
    results: list[Result] = [
        judged(Measured(name, 1234.5, 12345.6, 0.000_000_012, row.bar.unit, spread=1.5), BARS)
        for name, row in ROWS.items()
    ]
    assert max(map(len, table(results).splitlines())) <= 100


async def test_reads_of_another_tier_are_refused() -> None:
    """A block whose reads were not all answered by the tier it names is no measurement."""
    async with MultiLevelCache(CacheConfig()) as cache:
        await cache.set("held", 1)
        await settle_in_l1(cache, ["held"])
        with all_from(cache, "l1", 1):
            await cache.get("held")
        with pytest.raises(WrongAnswersError), all_from(cache, "l1", 1):
            await cache.get("missing")
        with pytest.raises(WrongAnswersError):
            await settle_in_l1(cache, ["missing"])


def test_records_have_the_size_that_is_stated() -> None:
    """A record's JSON has 200 bytes, whatever its number."""
    assert {len(encoded(number)) for number in (0, 7, 99_999)} == {200}
