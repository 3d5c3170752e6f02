"""Holds the reference pages to the code: whatever can be said is in them."""

import re
from dataclasses import fields
from typing import get_args

import pytest

from cache import CacheConfig, MultiLevelCache, errors
from pipeline import catalogue
from pipeline.cli.sentences import of_expectation
from pipeline.data import Kind
from pipeline.load import Arrivals, Distribution, Operation
from pipeline.scenario import FaultKind, Scenario, ScenarioType, Step
from pipeline.schema import PARTS
from pipeline.subject import Preset
from results.metrics import METRICS
from tests.docs.examples import ROOT

REFERENCE = ROOT / "docs" / "reference"
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
    page = (REFERENCE / "scenario-files.md").read_text()
    assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", page), f"{part.__name__}.{key}"


@pytest.mark.parametrize(
    "choices", [Operation, Distribution, Arrivals, Kind, Step, FaultKind, ScenarioType, Preset]
)
def test_every_choice_of_a_scenario_file_is_explained(choices: object) -> None:
    """Nor is any of the words that a key may have as its value."""
    page = (REFERENCE / "scenario-files.md").read_text()
    assert [name for name in get_args(choices) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", catalogue.names())
def test_every_scenario_is_listed_as_it_is(name: str) -> None:
    """The catalogue's page has its purpose, what it models, its time and all it expects."""
    page = " ".join((REFERENCE / "scenarios.md").read_text().split())
    part = page.partition(f"### `{name}` ")[2].partition(" ##")[0]
    scenario = catalogue.load(name).scenario()
    assert part.startswith(f"{scenario.purpose} Models: ")
    assert f"Type {scenario.type}, about {scenario.time_s:g} s" in part
    expected = ", ".join(f"`{of_expectation(each)}`" for each in scenario.expectations)
    assert part.endswith(f"Expects {expected}.")


def test_every_setting_and_method_of_the_cache_is_explained() -> None:
    """No setting, preset, public method or error is missing from the cache's page."""
    page = (REFERENCE / "cache.md").read_text()
    methods = {name for name in vars(MultiLevelCache) if not name.startswith("_")}
    settings = {field.name for field in fields(CacheConfig)}
    raised = {"CacheError", "ConfigError", "InvalidKeyError", "InvalidTTLError"}
    assert raised <= set(vars(errors))
    wanted = methods | settings | set(CacheConfig.presets()) | raised
    assert sorted(name for name in wanted if f"{name}" not in page) == []
