"""Our own cache as further subjects: with each preset, and with each combination of tiers."""

from dataclasses import fields, replace
from functools import partial

from pipeline.subject import Preset, SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.limits import cache_config
from workers.subjects.multilevel import MultiLevelSubject, build


def with_preset(
    preset: Preset, settings: SubjectSettings, addresses: Addresses
) -> MultiLevelSubject:
    """Build the cache with a preset of its name's.

    What the preset itself says is kept to, or it would not be that preset; what it leaves open
    is the scenario's.
    """
    said = _said_by(preset, addresses)
    return build(replace(settings, preset=preset, **dict.fromkeys(said)), addresses)


def with_tiers(tiers: str, settings: SubjectSettings, addresses: Addresses) -> MultiLevelSubject:
    """Build the cache with these tiers and no others, whatever else the settings say."""
    named = tiers.split()
    return build(replace(settings, enable_l2="l2" in named, enable_l3="l3" in named), addresses)


def _said_by(preset: Preset, addresses: Addresses) -> set[str]:
    """The settings that a preset replaces."""
    plain = cache_config(SubjectSettings(), addresses)
    config = cache_config(SubjectSettings(preset=preset), addresses)
    names = {each.name for each in fields(SubjectSettings)} - {"preset"}
    return {name for name in names if getattr(plain, name) != getattr(config, name)}


performance = partial(with_preset, "performance")
memory_constrained = partial(with_preset, "memory_constrained")
high_throughput = partial(with_preset, "high_throughput")
warming_disabled = partial(with_preset, "warming_disabled")
l2_disabled = partial(with_preset, "l2_disabled")
l1 = partial(with_tiers, "l1")
l1_l2 = partial(with_tiers, "l1 l2")
l1_l3 = partial(with_tiers, "l1 l3")
l1_l2_l3 = partial(with_tiers, "l1 l2 l3")
