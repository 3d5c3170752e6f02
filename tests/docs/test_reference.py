"""Holds the reference pages to the code: whatever can be said is in them."""

from dataclasses import fields

import pytest

from cache import CacheConfig, MultiLevelCache, errors
from pipeline import scenario
from pipeline.subject import SubjectSettings
from results.expectation import Expectation
from results.metrics import METRICS
from tests.docs.examples import ROOT

REFERENCE = ROOT / "docs" / "reference"


def test_every_metric_is_listed_as_it_is() -> None:
    """The page's table is the table of metrics, with unit, direction and meaning."""
    page = (REFERENCE / "metrics.md").read_text()
    rows = [f"| `{m.name}` | {m.unit} | {m.direction} | {m.meaning} |" for m in METRICS.values()]
    assert [row for row in rows if row not in page] == []


@pytest.mark.parametrize(
    "part",
    [
        scenario.Scenario,
        scenario.Phase,
        scenario.ClosedLoad,
        scenario.TraceLoad,
        scenario.Fault,
        scenario.Data,
        scenario.KeyChoice,
        SubjectSettings,
        Expectation,
    ],
)
def test_every_key_of_a_scenario_file_is_explained(part: type) -> None:
    """No key is missing from the page on scenario files."""
    page = (REFERENCE / "scenario-files.md").read_text()
    structure = {"subject", "data", "phases", "expectations"}
    keys = {field.name for field in fields(part)} - structure
    assert sorted(key for key in keys if key not in page) == []


def test_every_setting_and_method_of_the_cache_is_explained() -> None:
    """No setting, preset, public method or error is missing from the cache's page."""
    page = (REFERENCE / "cache.md").read_text()
    methods = {name for name in vars(MultiLevelCache) if not name.startswith("_")}
    settings = {field.name for field in fields(CacheConfig)}
    raised = {"CacheError", "ConfigError", "InvalidKeyError", "InvalidTTLError"}
    assert raised <= set(vars(errors))
    wanted = methods | settings | set(CacheConfig.presets()) | raised
    assert sorted(name for name in wanted if f"{name}" not in page) == []
