"""Settings of a subject as our cache takes them, and as every other one does."""

from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses
from workers.subjects.limits import Limits, cache_config

ADDRESSES = Addresses(namespace="test", l2_url="redis://localhost", l3_url="sqlite:///l3.db")


def test_settings_replace_what_the_preset_says() -> None:
    """None leaves a value, and `"none"` is no TTL."""
    config = cache_config(
        SubjectSettings(preset="l2_disabled", l1_max_size=7, l1_default_ttl="none"), ADDRESSES
    )
    assert (config.l1_max_size, config.l1_default_ttl, config.l2_default_ttl) == (7, None, 300)
    assert (config.enable_l2, config.enable_l3, config.namespace) == (False, True, "test")


def test_every_subject_keeps_values_for_as_long_as_ours() -> None:
    """In memory for no longer than in the tier below, where there is one."""
    settings = SubjectSettings(l1_max_size=7, l1_default_ttl="none", l2_default_ttl=60.0)
    assert Limits.of(settings, ADDRESSES) == Limits(max_size=7, l1_ttl_s=60.0, l2_ttl_s=60.0)
    alone = SubjectSettings(l1_default_ttl="none", enable_l2=False)
    assert Limits.of(alone, ADDRESSES) == Limits(max_size=100, l1_ttl_s=None, l2_ttl_s=300)
