"""Files that are not taken: one clear line that says where, and nothing is written."""

import base64
import hashlib
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from results.errors import ExchangeError
from results.exchange.export import export_runs
from results.exchange.header import KEY
from results.exchange.imports import import_files
from results.exchange.jsonl import JsonLinesReader
from results.exchange.parquet import ParquetReader, ParquetWriter
from results.exchange.streams import FileRow
from results.store import Store
from results.tables import runs
from tests.results.build import a_job, plan
from tests.results.exchange.full_runs import ALL, contents, exported, full_run, imported, mark

Row = dict[str, Any]


def sealed(lines: list[Row]) -> bytes:
    """Lines as a file whose end is right, as somebody would write it who wants it to be taken."""
    counts = Counter(str(line["table"]) for line in lines[1:] if "table" in line)
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    end = {"end": counts, "sha256": hashlib.sha256(body).hexdigest()}
    return body + json.dumps(end).encode() + b"\n"


@pytest.fixture(scope="module")
def good(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The export of a run with rows in every table."""
    path = tmp_path_factory.mktemp("good") / "results.db"
    path.write_bytes(empty_database.read_bytes())
    with Store.open(f"sqlite:///{path}") as store:
        mark(store, full_run(store, "run-1"))
        return exported(store)


@pytest.fixture(scope="module")
def nothing(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database that stays empty, for these tests write nothing."""
    path = tmp_path_factory.mktemp("nothing") / "results.db"
    path.write_bytes(empty_database.read_bytes())
    with Store.open(f"sqlite:///{path}") as store:
        yield store
        assert not any(contents(store).values())


@pytest.fixture
def lines(good: bytes) -> list[Row]:
    """Its lines without the end, to be changed."""
    return [json.loads(line) for line in good.splitlines()[:-1]]


def first(lines: list[Row], table: str) -> Row:
    """The first row of a table."""
    return next(line for line in lines if line.get("table") == table)


def refused(store: Store, file: bytes) -> str:
    """The one line about a file that is not taken; nothing of it is stored."""
    with pytest.raises(ExchangeError) as failure:
        imported(store, file)
    assert "a.jsonl" in str(failure.value)
    with store.database.read() as connection:
        assert connection.execute(select(runs.c.run_id).where(runs.c.imported_at > 0)).all() == []
    said = str(failure.value)
    assert "\n" not in said
    return said


def test_what_is_sealed_here_is_taken(sqlite_store: Store, lines: list[Row]) -> None:
    """So what the tests below change is what is refused."""
    assert imported(sqlite_store, sealed(lines)).run_ids == ("run-1",)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda good: good[: len(good) // 2], "cut off"),
        (lambda good: good[: good.rindex(b'{"end"')], "ends before its end: it was cut off"),
        (lambda good: good[:-1], "the line is cut off"),
        (lambda good: good.replace(b'"pid":11', b'"pid":12'), "SHA-256 does not match"),
        (lambda good: good.replace(b'"run-1"', b'"run\xff1"', 1), "the line is damaged"),
        (lambda good: good + b"{}\n", "goes on after its end"),
        (lambda good: good.replace(b'{"table":"runs"', b'["table":"runs"'), "line 2"),
        (lambda good: good.replace(b'{"table":"runs"', b"[" * 9_999), "line 2"),
        (lambda good: b"", "is no export of Tierbench"),
        (lambda good: b"hello\n", "is no export of Tierbench"),
        (lambda good: b"[1]\n", "is no export of Tierbench"),
        (lambda good: bytes(9_999), "is no export of Tierbench"),
        (lambda good: good.partition(b"\n")[2], "is no export of Tierbench"),
    ],
)
def test_damaged_files_say_where(
    nothing: Store, good: bytes, damage: Callable[[bytes], bytes], said: str
) -> None:
    """Cut off, changed, or no export at all."""
    assert said in refused(nothing, damage(good))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"layout": "0005"}, "newer Tierbench 0.1.0 .* upgrade Tierbench"),
        ({KEY: 2}, "newer Tierbench"),
        ({"layout": "0003"}, "unknown layout 0003 .* export it again with a Tierbench of layout"),
        ({KEY: 0}, "unknown layout"),
        ({"layout": 4}, "its header can't be read"),
        ({"tierbench": "\x1b[31m"}, "its header can't be read"),
        ({KEY: True}, "its header can't be read"),
    ],
)
def test_other_layouts_and_formats(
    nothing: Store, lines: list[Row], change: Row, said: str
) -> None:
    """Newer ones ask for an upgrade, older ones for a newer export."""
    lines[0].update(change)
    with pytest.raises(ExchangeError, match=said):
        imported(nothing, sealed(lines))


BAD = base64.b64encode(b"\x01\x00" + bytes(28)).decode()[:-4]
ENVIRONMENT = "d7294487514a6721fb920596ef934d6969ea4f0d86c81229fe7545c5bd77d8ba"


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("runs", {"run_id": None}, "run_id has no value"),
        ("runs", {"run_id": "x" * 65}, "run_id has 65 characters, more than 64"),
        ("runs", {"run_id": "a\nb"}, "no readable id"),
        ("runs", {"run_id": "other"}, "refers to run_id 'run-1'"),
        ("runs", {"seed": 2**63}, "seed is 9223372036854775808, beyond what is stored"),
        ("runs", {"repeats": True}, "repeats is 'True', not a whole number"),
        ("runs", {"created_at": "now"}, "created_at is 'now', not a number"),
        ("runs", {"code_committed_at": 1e300}, "is 1e+300, which is no time that a calendar has"),
        ("runs", {"code_dirty": 1}, "code_dirty is '1', not true or false"),
        ("runs", {"aggregated_at": None}, "run run-1 has not ended"),
        ("runs", {"labels": {"a": 1}}, "labels has a value that is no text"),
        ("runs", {"labels": ["a"]}, "labels is no object"),
        ("runs", {"names": "quick"}, "names is no list"),
        ("runs", {"subjects": []}, "has no subject"),
        ("runs", {"labels": {"a\x00": ""}}, "labels has the character NUL"),
        ("runs", {"code_name": "a\x00"}, "code_name has the character NUL"),
        ("runs", {"excluded_reason": None}, "excluded without a reason"),
        ("runs", {"more": 1}, "runs has no column 'more'"),
        ("runs", {"imported_at": 1.0}, "runs has no column 'imported_at'"),
        ("runs", {"table": "alembic_version"}, "there is no table 'alembic_version'"),
        ("runs", {"table": "files"}, "there is no table 'files'"),
        ("runs", {"table": 5}, "names no table"),
        ("jobs", {"state": "queued"}, "job run-1-0 has not ended: it is 'queued'"),
        ("jobs", {"state": "running"}, "has not ended"),
        ("jobs", {"state": "eager"}, "has not ended"),
        ("jobs", {"run_id": "other"}, "refers to run_id 'other', which is not among the runs"),
        ("jobs", {"job_id": "run-1-1"}, "'run-1-1' is there twice among the jobs"),
        ("jobs", {"position": 1}, "the database does not take it"),
        ("jobs", {"spec": []}, "spec is no object"),
        ("jobs", {"expectations": [{"metric": "x", "evil": 1}]}, "an expectation can't be read"),
        ("jobs", {"expectations": [1]}, "expectation is no object"),
        ("environments", {"environment_class": "64 cores"}, "is not what its hash says"),
        ("environments", {"fingerprint": None}, "fingerprint has no value"),
        ("attempts", {"outcome": "running"}, "has not ended: it is 'running'"),
        ("attempts", {"ended_at": None}, "has not ended"),
        ("attempts", {"job_id": "job"}, "refers to job_id 'job', which is not among the jobs"),
        ("attempts", {"worker_id": "w"}, "refers to worker_id 'w'"),
        ("attempts", {"fingerprint_hash": "f"}, "refers to fingerprint_hash 'f'"),
        ("attempts", {"outcome": "accepted"}, "was accepted without fingerprint_hash"),
        ("attempts", {"promises": {"a": "b"}}, "promises has a value that is no number"),
        ("intervals", {"attempt_id": "a"}, "refers to attempt_id 'a'"),
        ("intervals", {"histogram": "%"}, "histogram is no base64"),
        ("intervals", {"histogram": 5}, "histogram is '5', not bytes"),
        ("intervals", {"histogram": BAD}, "not a stored histogram: 27 bytes"),
        ("intervals", {"histogram": "AQ=="}, "not a stored histogram: 1 bytes"),
        ("intervals", {"second": 2**31}, "beyond what is stored"),
        ("intervals", {"phase": 5}, "phase is '5', not a text"),
        ("findings", {"example": [5]}, "example is no object"),
        ("summaries", {"run_id": "other"}, "refers to run_id 'other'"),
        ("summaries", {"parameters": "{"}, "parameters are no JSON"),
        ("summaries", {"parameters": '{"b":1}'}, "not written as they are compared"),
        ("summaries", {"verdict": "good"}, "there is no verdict 'good'"),
        ("summaries", {"details": {}}, "details.loops is no object"),
        ("metrics", {"summary_id": 999}, "refers to summary_id '999'"),
        ("metrics", {"value": None}, "value has no value"),
        ("metrics", {"unit": None}, "unit has no value"),
        ("judgements", {"verdict": 1}, "verdict is '1', not a text"),
        ("baselines", {"name": "a\tb"}, "no readable name"),
        ("baselines", {"run_id": "other"}, "refers to run_id 'other'"),
        ("acknowledgements", {"run_id": "other"}, "refers to run_id 'other'"),
    ],
)
def test_rows_that_no_ended_run_has(
    nothing: Store, lines: list[Row], table: str, change: Row, said: str
) -> None:
    """Each says its line, what is wrong, and that nothing was imported."""
    first(lines, table).update(change)
    told = refused(nothing, sealed(lines))
    assert said in told
    assert told.startswith("a.jsonl, line ")
    assert told.endswith("; nothing was imported")


def test_rows_have_their_order(nothing: Store, lines: list[Row]) -> None:
    """What is referred to comes first; nothing stands before its run, and no row is left out."""
    assert "stands before any run" in refused(nothing, sealed([lines[0], *lines[2:]]))
    moved = [*(line for line in lines if line.get("table") != "jobs"), first(lines, "jobs")]
    assert "stands after those of acknowledgements" in refused(
        nothing,
        sealed(
            [
                each
                for each in moved
                if each.get("table") in {None, "runs", "notes", "jobs"}
                or each.get("table") == "acknowledgements"
            ]
        ),
    )
    without = dict(first(lines, "runs"))
    del without["seed"]
    assert "a row of runs lacks 'seed'" in refused(nothing, sealed([lines[0], without]))


def test_an_end_that_counts_otherwise_is_refused(nothing: Store, lines: list[Row]) -> None:
    """Also where its checksum is right."""
    good = sealed(lines).replace(b'{"end": {"runs": 1', b'{"end": {"runs": 2')
    assert "has 1 rows of runs, and says that there are 2" in refused(nothing, good)
    good = sealed(lines).replace(b'{"end": {', b'{"end": 5, "x": {')
    assert "it has no end" in refused(nothing, good)


def test_ids_of_others_are_not_taken_over(store: Store, lines: list[Row]) -> None:
    """A job, an attempt or a group that is there in another run stays there."""
    plan(store, [a_job("mine", group="ours")])
    first(lines, "jobs")["group"] = "ours"
    assert "the group 'ours' belongs to another run already" in refused(store, sealed(lines))
    first(lines, "jobs")["group"] = "run-1-0"
    whole = json.loads(json.dumps(lines).replace('"run-1-0"', '"mine-0"'))
    assert "the database does not take it" in refused(store, sealed(whole))


def test_one_bad_file_of_several_is_all(store: Store, good: bytes, lines: list[Row]) -> None:
    """What came before it is not kept either."""
    before = contents(store)
    first(lines, "runs")["run_id"] = "run-2"
    with pytest.raises(ExchangeError, match=r"b\.jsonl, line"):
        imported(store, good, sealed(lines))
    assert contents(store) == before


def mutated(chance: random.Random, good: list[Row]) -> bytes:
    """A sealed file with one value that is another, or one row more, less or elsewhere."""
    lines = json.loads(json.dumps(good))
    place = chance.randrange(1, len(lines))
    row = lines[place]
    odd = chance.choice(
        [None, True, -1, 2**70, 1e300, "", "\x00", "\ud800", "x" * 99, [], {}, [[]], {"a": [{}]}]
    )
    do = chance.randrange(6)
    if do == 0:
        del lines[place]
    elif do == 1:
        lines.insert(chance.randrange(1, len(lines)), row)
    elif do == 2:
        lines.insert(chance.randrange(1, len(lines)), lines.pop(place))
    else:
        row[chance.choice([*row])] = odd
    return sealed(lines)


class Undone(JsonLinesReader):
    """Refuses a file once all of its rows were taken, so that the next one finds nothing."""

    def rows(self) -> Iterator[FileRow]:
        """Every row, and then a mistake."""
        yield from super().rows()
        raise ValueError("all of it was taken")


def test_mutations_are_refused_with_a_line_or_taken(nothing: Store, lines: list[Row]) -> None:
    """Nothing else comes of them: no traceback, and no part of a file."""
    chance = random.Random(7)
    taken = 0
    for _ in range(100):
        file = io.BytesIO(mutated(chance, lines))
        with pytest.raises(ExchangeError, match=r"^a\.jsonl, line \d+: ") as failure:
            import_files(nothing, [Undone(file, "a.jsonl")])
        assert "\n" not in str(failure.value)
        taken += "all of it was taken" in str(failure.value)
    assert 0 < taken < 50


def parquet_of(store: Store, path: Path) -> bytearray:
    """An export in Parquet."""
    with ParquetWriter.open(path) as writer:
        export_runs(store, ALL, lambda: writer)
    return bytearray(path.read_bytes())


def parquet_rows(path: Path) -> list[FileRow]:
    """What is read of one."""
    return list(ParquetReader(path, "runs.parquet").rows())


def test_damaged_parquet_says_so(sqlite_store: Store, tmp_path: Path) -> None:
    """Cut off, no export, or with a byte that is another: never read as something else."""
    full_run(sqlite_store, "run-1")
    path = tmp_path / "runs.parquet"
    good = parquet_of(sqlite_store, path)
    rows = parquet_rows(path)
    for cut in (0, 3, 4, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:cut])
        with pytest.raises(ExchangeError, match=r"runs\.parquet is no whole Parquet file"):
            parquet_rows(path)
    chance = random.Random(3)
    refused_ones = 0
    for _ in range(60):
        damaged = bytearray(good)
        damaged[chance.randrange(len(good))] ^= 0xFF
        path.write_bytes(damaged)
        try:
            # A byte of a statistic or of its writer's name changes nothing that is read.
            assert parquet_rows(path) == rows
        except (ExchangeError, ValueError):
            refused_ones += 1
    assert refused_ones > 30
