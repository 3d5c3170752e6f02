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
from pipeline.scenario_file import parse_scenario_file
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
faults = [{ kind = "l2_kill", at_s = 1, duration_s = 0.5 }]
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


def test_the_list_says_of_each_what_it_shows_and_takes() -> None:
    """Purpose, load, faults, the number of expectations and the time, on 100 columns."""
    told = listing(catalogue.names())
    table = _drawn(draw_listing(told))
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


def test_a_scenario_in_full_says_all_that_its_file_does() -> None:
    """Where it comes from, its server, its phases with steps, faults and targets, what to set."""
    source = parse_scenario_file(FULL, "mine.toml", Path())
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


@pytest.mark.parametrize("name", catalogue.names())
def test_every_scenario_can_be_shown(name: str) -> None:
    """Each kind of load has its words; nothing is wider than the screen."""
    shown = _drawn(draw_detail(catalogue.load(name)))
    assert max(map(len, shown.splitlines())) <= 100


def test_the_schema_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON for a file that editors read."""
    scenarios(None, schema=True)
    assert json.loads(capsys.readouterr().out) == scenario_schema()
