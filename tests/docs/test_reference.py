"""Holds the reference pages to the code: whatever can be said is in them."""

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import get_args

import pytest

from cache import CacheConfig, MultiLevelCache, errors
from pipeline import catalogue
from pipeline.cli.sentences import of_expectation
from pipeline.data import Kind
from pipeline.fault import FAULTS, Direction, EvictionPolicy, FaultKind
from pipeline.load import Arrivals, Distribution, Operation
from pipeline.scenario import Scenario, ScenarioType, Step, Tier
from pipeline.schema import PARTS
from pipeline.subject import Preset
from results.expectation import Expectation
from results.metrics import METRICS
from tests.docs.examples import ROOT

REFERENCE = ROOT / "docs" / "reference"
IN_GRIDS = {name for members in catalogue.grids().values() for name in members}
STRUCTURE = {"subject", "data", "phases", "expectations", "load"}


def test_every_metric_is_listed_as_it_is() -> None:
    """The page's table is the table of metrics, with unit, direction and meaning."""
    page = (REFERENCE / "metrics.md").read_text()
    rows = [f"| `{m.name}` | {m.unit} | {m.direction} | {m.meaning} |" for m in METRICS.values()]
    assert [row for row in rows if row not in page] == []


@pytest.mark.parametrize(
    ("part", "key"),
    [
        (part, field.name)
        for part in (Scenario, *PARTS)
        for field in fields(part)
        if field.name not in STRUCTURE
    ],
    ids=lambda part: part if isinstance(part, str) else part.__name__,
)
def test_every_key_of_a_scenario_file_is_explained(part: type, key: str) -> None:
    """No key is missing from the page on scenario files."""
    page = "".join((REFERENCE / name).read_text() for name in ("scenario-files.md", "faults.md"))
    assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", page), f"{part.__name__}.{key}"


@pytest.mark.parametrize(
    "choices",
    [
        Operation,
        Distribution,
        Arrivals,
        Kind,
        Step,
        Tier,
        FaultKind,
        Direction,
        EvictionPolicy,
        ScenarioType,
        Preset,
    ],
)
def test_every_choice_of_a_scenario_file_is_explained(choices: object) -> None:
    """Nor is any of the words that a key may have as its value."""
    page = "".join((REFERENCE / name).read_text() for name in ("scenario-files.md", "faults.md"))
    assert [name for name in get_args(choices) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", [name for name in catalogue.names() if name not in IN_GRIDS])
def test_every_scenario_is_listed_as_it_is(name: str) -> None:
    """The catalogue's page has its purpose, what it models, its time and all it expects."""
    part = _part_about(name)
    scenario = catalogue.load(name).scenario()
    assert part.startswith(f"{scenario.purpose} Models: ")
    assert f"Type {scenario.type}, about {scenario.time_s:g} s" in part
    assert part.endswith(f"Expects {_expected(scenario.expectations)}.")


@pytest.mark.parametrize("name", catalogue.grids())
def test_every_grid_is_listed_as_it_is(name: str) -> None:
    """What all of its scenarios expect once, and a line for each that belongs to a type's suite."""
    part = _part_about(name)
    files = [catalogue.load(member) for member in catalogue.grids()[name]]
    scenarios = [file.scenario() for file in files]
    assert files[0].grid is not None
    assert part.startswith(f"{files[0].grid.purpose} Models: ")
    assert f"{len(files)} scenarios of type {scenarios[0].type}, about " in part
    first = scenarios[0].expectations
    common = [each for each in first if all(each in s.expectations for s in scenarios)]
    assert f"Each expects {_expected(common)}." in part
    for scenario in scenarios:
        own = _expected(each for each in scenario.expectations if each not in common)
        row = " ".join(f"| `{scenario.name}` | {scenario.purpose} | {own} |".split())
        assert scenario.apart or row in part, scenario.name


def test_every_fault_is_explained() -> None:
    """What it does, what it needs and its figures with their defaults."""
    page = (REFERENCE / "faults.md").read_text()
    for kind, facts in FAULTS.items():
        figures = ", ".join(f"`{name}` {value}" for name, value in facts.figures.items())
        needs = ", ".join(f"`{need}`" for need in facts.needs)
        assert f"| `{kind}` | {facts.meaning} | {figures} | {needs} |" in page, kind


def _part_about(name: str) -> str:
    page = " ".join((REFERENCE / "scenarios.md").read_text().split())
    return page.partition(f"### `{name}` ")[2].partition(" ##")[0]


def _expected(expectations: Iterable[Expectation]) -> str:
    return ", ".join(f"`{of_expectation(each)}`" for each in expectations)


def test_every_setting_and_method_of_the_cache_is_explained() -> None:
    """No setting, preset, public method or error is missing from the cache's page."""
    page = (REFERENCE / "cache.md").read_text()
    methods = {name for name in vars(MultiLevelCache) if not name.startswith("_")}
    settings = {field.name for field in fields(CacheConfig)}
    raised = {"CacheError", "ConfigError", "InvalidKeyError", "InvalidTTLError"}
    assert raised <= set(vars(errors))
    wanted = methods | settings | set(CacheConfig.presets()) | raised
    assert sorted(name for name in wanted if f"{name}" not in page) == []
