"""Our own cache under further names: its presets and its combinations of tiers."""

import pytest

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.registry import build_subject

ADDRESSES = Addresses(namespace="test", l2_url="redis://localhost", l3_url="sqlite:///l3.db")
SETTINGS = SubjectSettings(
    preset="l2_disabled",
    l1_max_size=7,
    l2_default_ttl=60.0,
    enable_l2=True,
    enable_warming=True,
    warming_interval=5.0,
)


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("performance", {"l1_max_size": 1000, "warming_interval": 30}),
        ("memory-constrained", {"l1_max_size": 10, "warming_interval": 300}),
        ("high-throughput", {"l1_max_size": 5000, "warming_interval": 5}),
        ("warming-disabled", {"enable_warming": False, "l1_max_size": 7}),
        ("l2-disabled", {"enable_l2": False, "l1_max_size": 7}),
    ],
)
def test_a_presets_subject_keeps_to_what_its_preset_says(
    preset: str, said: dict[str, object]
) -> None:
    """What that leaves open is the scenario's."""
    config = build_subject(f"multilevel-{preset}", SETTINGS, ADDRESSES)._cache.config
    expected = {"l2_default_ttl": 60, "enable_l2": True, "enable_warming": True, **said}
    assert {name: getattr(config, name) for name in expected} == expected


@pytest.mark.parametrize("tiers", [("l1",), ("l1", "l2"), ("l1", "l3"), ("l1", "l2", "l3")])
def test_a_combination_has_its_tiers_and_no_others(tiers: tuple[str, ...]) -> None:
    """Whatever preset and settings say; the rest is the scenario's."""
    subject = build_subject("-".join(("multilevel", *tiers)), SETTINGS, ADDRESSES)
    assert {"l1", "l2", "l3"} - subject.lacks == set(tiers)
    assert subject._cache.config.l1_max_size == 7
