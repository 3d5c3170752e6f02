"""`bench trace`: what a trace is like, and the same trace in another format."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.cli import trace_file
from pipeline.trace import read_trace

CSV = """0,order:1,7,230,1,get,0
0,order:2,7,410,1,get,0
1,order:1,7,230,2,get,0
1,order:2,7,500,2,set,3600
2,order:2,7,500,1,get,0
2,order:1,7,0,1,delete,0
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `bench trace` in a folder with orders.csv: exit code, stdout and stderr."""
    (tmp_path / "orders.csv").write_text(CSV)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bench", "trace", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_a_trace_is_told_as_json(run: Run) -> None:
    """Every figure under its name, with nothing on stderr."""
    code, out, err = run("stat", "orders.csv", "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["file"], told["requests"], told["distinct_keys"]) == ("orders.csv", 6, 2)
    assert told["one_hit_wonders"] == {"keys": 0, "share": 0.0}
    assert told["operations"]["set"] == {"requests": 1, "share": 1 / 6}
    assert told["popularity"]["top_1_percent"] == 0.5
    assert told["value_bytes"]["p99"] == 500
    assert told["ttls_s"]["median"] == 3600
    assert told["times"] == {"duration_s": 2.5, "peak_per_s": 2, "mean_per_s": 2.4}
    assert told["reuse"] == {"median_keys": 0.0, "p90_keys": 1.0, "sampled_share": 1.0}
    assert [row["share"] for row in told["lru"]] == [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
    assert told["lru"][-1] == {"share": 1.0, "keys": 2, "hit_ratio": 0.5}


def test_a_trace_is_told_as_a_table(run: Run) -> None:
    """Within 100 columns, with a bar for each hit ratio."""
    code, out, err = run("stat", "orders.csv")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 100
    for part in ("6", "set 16.7%", "1 h", "2.4 requests a second", "50.0%   ████", "500 B"):
        assert part in out


def test_what_a_trace_lacks_is_told_in_the_table(run: Run) -> None:
    """Neither a figure nor a bar is made up."""
    Path("writes.csv").write_text(",a,1,0,1,set,0\n")
    code, out, _ = run("stat", "writes.csv")
    assert code == 0
    assert out.count("none recorded") == 3
    assert "nothing is read" in out
    assert "fewer than two keys" in out


def test_a_slow_look_says_what_it_is_busy_with(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr; the table is as it was."""
    quick = run("stat", "orders.csv")[1]
    monkeypatch.setattr("pipeline.cli.stages.Stages.__enter__", _impatient)
    code, out, err = run("stat", "orders.csv")
    assert (code, out) == (0, quick)
    assert err.splitlines()[0] == "bench: reading orders.csv ..."


def _impatient(stages: object) -> object:
    stages._lose_patience()  # type: ignore[attr-defined]  # as the timer would
    return stages


def test_a_trace_is_converted_to_and_fro(run: Run) -> None:
    """What comes back is what there was."""
    for src, dst in (("orders.csv", "a.csv.zst"), ("a.csv.zst", "b.csv.gz"), ("b.csv.gz", "c.csv")):
        code, out, err = run("convert", src, dst)
        assert (code, out) == (0, "")
        assert err == f"bench: wrote 6 of 6 requests to {dst}\n"
    first, last = (Path(name).read_bytes() for name in ("orders.csv", "c.csv"))
    assert list(read_trace(first, "a.csv")) == list(read_trace(last, "a.csv"))


def test_losses_are_told_and_refused_unless_asked_for(run: Run) -> None:
    """Nothing is written before."""
    code, _, err = run("convert", "orders.csv", "a.trace")
    assert code == 2
    assert err == (
        "bench: a.trace: holds the keys of reads alone; 1 set, 1 delete, all value sizes, "
        "all TTLs, all times, the keys' names would be lost: write a .csv file, or add --lossy\n"
    )
    assert sorted(path.name for path in Path().iterdir()) == ["orders.csv"]
    code, _, err = run("convert", "orders.csv", "a.trace", "--lossy")
    assert (code, err) == (0, "bench: wrote 4 of 6 requests to a.trace\n")
    assert len(read_trace(Path("a.trace").read_bytes(), "a.trace")) == 4


def test_a_part_of_a_trace_is_converted(run: Run) -> None:
    """Fewer requests, or other keys, as a load would replay them."""
    assert run("convert", "orders.csv", "a.csv", "--requests", "2", "--key-scale", "2")[0] == 0
    asked = [request.key for request in read_trace(Path("a.csv").read_bytes(), "a.csv")]
    assert asked == ["0:order:1", "1:order:1"]


def test_what_is_there_is_replaced_only_when_told(run: Run) -> None:
    """Whole: no other file stays."""
    Path("a.csv").write_text("mine")
    code, _, err = run("convert", "orders.csv", "a.csv")
    assert (code, err) == (2, "bench: a.csv: exists already; --force replaces it\n")
    assert Path("a.csv").read_text() == "mine"
    assert run("convert", "orders.csv", "a.csv", "--force")[0] == 0
    assert sorted(path.name for path in Path().iterdir()) == ["a.csv", "orders.csv"]


def test_a_file_that_can_not_be_written_leaves_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a part of it nor the file that would have become it."""

    def full(path: Path, content: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(trace_file.Path, "write_bytes", full)
    code, _, err = run("convert", "orders.csv", "a.csv")
    assert (code, err) == (
        1,
        "bench: a.csv can't be written or read: No space left on device\n",
    )
    assert sorted(path.name for path in Path().iterdir()) == ["orders.csv"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["stat", "none.csv"], "none.csv: No such file or directory"),
        (["stat", "."], "expected a name that ends in .trace or .csv"),
        (["stat", "odd.csv"], "odd.csv: line 1: expected timestamp,key"),
        (["stat", "pipe.csv"], "pipe.csv: expected a regular file"),
        (["convert", "orders.csv", "a.txt"], "a.txt: expected a name that ends in"),
        (["convert", "orders.csv", "folder.csv"], "folder.csv: is a folder; name a file in it"),
        (["convert", "orders.csv", "no/a.csv"], "there is no folder no; make it first"),
        (["convert", "orders.csv", "a.csv", "--key-scale", "0"], "--key-scale 0: expected more"),
        (["convert", "orders.csv", "a.csv", "--key-scale", "nan"], "--key-scale nan: expected"),
        (["convert", "orders.csv", "a.csv", "--key-scale", "2.5"], "copies, got 2.5"),
        (["convert", "orders.csv", "a.csv", "--key-scale", "1e-9"], "leaves none of the 2 keys"),
        (["convert", "orders.csv", "a.csv", "--requests", "0"], "--requests"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    run: Run, arguments: list[str], expected: str
) -> None:
    """With exit code 2."""
    Path("odd.csv").write_text("some,text\n")
    Path("folder.csv").mkdir()
    os.mkfifo("pipe.csv")
    before = sorted(Path().iterdir())
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert expected in err
    assert sorted(Path().iterdir()) == before
