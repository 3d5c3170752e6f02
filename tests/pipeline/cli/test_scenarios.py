"""What `bench scenarios` tells: the list, one in full, and the schema."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from pipeline import catalogue
from pipeline.cli.scenario_list import draw_listing, listing
from pipeline.cli.scenario_tables import detail, draw_detail
from pipeline.cli.scenarios import scenarios
from pipeline.scenario_file import ScenarioFile, parse_scenario_files
from pipeline.schema import scenario_schema

FULL = b"""
name = "mine"
purpose = "It shows everything."
type = "resilience"
time_s = 4
l2_server = "own"
suites = ["special"]
[l2_settings]
maxmemory = "8mb"
[parameters]
users = 3
[subject]
l1_max_size = 50
[data]
kind = "users"
[[phases]]
name = "fill"
warmup = true
before = ["empty_l1", "empty_l2"]
load = { operations = 9, mix = { set = 1 } }
[[phases]]
name = "broken"
load = { users = "$users", duration_s = 3 }
faults = [
  { kind = "l2_kill", at_s = 1, duration_s = 0.5 },
  { kind = "l2_corrupt", at_s = 0, duration_s = 0.1, times = 3, within_s = 2 },
  { kind = "loop_block", at_s = 0, duration_s = 0.1, times = 2, every_s = 1 },
]
hit_ratio = { at_least = 0.5 }
[[expectations]]
metric = "errors"
phase = "broken"
equals = 0
"""


def _drawn(what: RenderableType) -> str:
    console = Console(width=100, file=io.StringIO(), highlight=False)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _files(*names: str) -> list[ScenarioFile]:
    return [catalogue.load(name) for name in catalogue.expand(names)]


def test_the_list_says_of_each_what_it_shows_and_takes() -> None:
    """Purpose, load, faults, the number of expectations and the time, on 100 columns."""
    told = listing(_files("all"))
    table = _drawn(draw_listing(told, whole=True))
    assert max(map(len, table.splitlines())) <= 100
    for row in told["scenarios"]:
        scenario = catalogue.load(row["name"]).scenario()
        assert row["purpose"] == scenario.purpose
        assert row["expectations"] == len(scenario.expectations) > 0
        line = next(each for each in table.splitlines() if each.startswith(f"{scenario.name} "))
        assert f"{scenario.time_s:g} s" in line
        assert row["loads"][0] in line
    flapping = next(row for row in told["scenarios"] if row["name"] == "l2_flapping")
    assert flapping["faults"] == ["l2_kill", "l2_stop"]
    assert all(suite in table for suite in ("ycsb", "twitter", "quick"))


def test_the_scenarios_of_a_grid_share_their_lines() -> None:
    """With their number and all of their time; each has lines of its own where that is asked."""
    told = listing(_files("resilience_matrix"))
    table = _drawn(draw_listing(told))
    assert len(told["scenarios"]) > 100
    assert len(table.splitlines()) < 25
    assert max(map(len, table.splitlines())) <= 100
    (line,) = [each for each in table.splitlines() if each.startswith("matrix_l2 (88)")]
    assert "22 kinds of faults" in line
    assert "matrix_l2_kill_l1_l2_reads" not in table
    assert "matrix_l2_kill_l1_l2_reads" in _drawn(draw_listing(told, whole=True))


def test_a_grid_is_listed_by_its_own_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of its scenarios by itself; so is a user's file."""
    scenarios("fault_loader")
    out = capsys.readouterr().out
    assert "fault_loader_hang" in out
    assert "fault_loader_none" in out


def test_a_scenario_in_full_says_all_that_its_file_does() -> None:
    """Where it comes from, its server, its phases with steps, faults and targets, what to set."""
    (source,) = parse_scenario_files(FULL, "mine.toml", Path())
    shown = _drawn(draw_detail(source))
    for part in (
        "mine: It shows everything.",
        "suites: resilience, special, all",
        "source: mine.toml",
        "200 keys of users",
        "l1_max_size=50",
        "a server of its own with maxmemory 8mb",
        "fill (warm-up), after empty_l1, empty_l2",
        "closed, 3 users, 3 s: get 1; keys uniform",
        "l2_kill at 1 s for 0.5 s",
        "l2_corrupt for 0.1 s, 3 times at random within 2 s from 0 s (share 0.5)",
        "loop_block at 0 s for 0.1 s, 2 times every 1 s",
        "at the end: L1 emptied, every acknowledged write read back",
        "invalid unless its hit ratio lies in 0.5 to 1",
        "errors in broken == 0",
        "users=3",
    ):
        assert part in shown
    assert detail(source)["parameters"] == {"users": 3}


def test_workers_that_load_together_are_told() -> None:
    """How many, how they share the mix, and how long they wait for each other."""
    shown = _drawn(draw_detail(catalogue.load("coherence")))
    assert "3 workers start together, within 30 s; 1 for the writes, 2 for the reads" in shown


def test_every_scenario_can_be_shown() -> None:
    """Each kind of load and fault has its words; nothing is wider than the screen."""
    for name in catalogue.names():
        shown = _drawn(draw_detail(catalogue.load(name)))
        assert max(map(len, shown.splitlines())) <= 100, name


def test_a_scenario_that_stands_apart_says_so() -> None:
    """It belongs to its own suite, and to no other."""
    shown = _drawn(draw_detail(catalogue.load("matrix_l2_kill_l1_l2_reads")))
    assert "suites: resilience_matrix\n" in shown


def test_the_schema_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON for a file that editors read."""
    scenarios(None, schema=True)
    assert json.loads(capsys.readouterr().out) == scenario_schema()
