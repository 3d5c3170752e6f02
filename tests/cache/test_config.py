"""Settings: the presets' figures, and one clear line for each mistake."""

import dataclasses

import pytest

from cache import CacheConfig, ConfigError

REDIS = "redis://:geheim@127.0.0.1:6379/0"


def test_presets_have_the_seeds_figures() -> None:
    """Each preset carries the sizes and intervals that it is known for."""
    assert CacheConfig.default(l2_url=REDIS).l1_max_size == 100
    assert CacheConfig.default(l2_url=REDIS).l2_default_ttl == 300
    performance = CacheConfig.performance(l2_url=REDIS)
    assert (performance.l1_max_size, performance.warming_interval) == (1000, 30)
    assert performance.max_warming_keys == 50
    small = CacheConfig.memory_constrained()
    assert (small.l1_max_size, small.warming_interval, small.max_warming_keys) == (10, 300, 5)
    assert not CacheConfig.warming_disabled().enable_warming
    assert not CacheConfig.l2_disabled(l2_url=REDIS).enable_l2


@pytest.mark.parametrize("name", CacheConfig.presets())
def test_a_preset_takes_overrides(name: str) -> None:
    """A preset's method and its name say the same, and keywords win."""
    by_name = CacheConfig.preset(name, namespace="mine", l1_max_size=7)
    assert by_name == getattr(CacheConfig, name)(namespace="mine", l1_max_size=7)
    assert (by_name.namespace, by_name.l1_max_size) == ("mine", 7)


def test_a_tier_is_on_when_it_has_an_address() -> None:
    """Without a flag the URL decides."""
    assert CacheConfig(l2_url=REDIS).enable_l2 is True
    assert CacheConfig().enable_l2 is False


def test_settings_are_frozen() -> None:
    """A running cache's settings can't be changed under it."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        CacheConfig().l1_max_size = 5


def test_no_password_in_the_text_of_a_config() -> None:
    """Addresses may hold passwords, so they are not printed."""
    assert "geheim" not in repr(CacheConfig(l2_url=REDIS))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"l1_max_size": 0}, "l1_max_size is 0"),
        ({"l1_max_size": "many"}, "l1_max_size is 'many'"),
        ({"l1_default_ttl": 0}, "l1_default_ttl is 0"),
        ({"l2_default_ttl": -1}, "l2_default_ttl is -1"),
        ({"l3_default_ttl": float("nan")}, "l3_default_ttl is nan"),
        ({"warming_threshold": 0}, "warming_threshold is 0"),
        ({"warming_interval": 0}, "warming_interval is 0"),
        ({"namespace": ""}, "namespace is ''"),
        ({"enable_l2": True}, "l2_url is not set"),
        ({"enable_l3": True}, "l3_url is not set"),
        ({"l2_url": "http://geheim@host"}, "scheme 'http'"),
        ({"l2_url": "redis://"}, "names no server"),
        ({"l2_url": "redis://u:geheim@host:port"}, "l2_url is not a URL"),
        ({"l3_url": "mysql://u:geheim@host/db"}, "scheme 'mysql'"),
        ({"l3_url": "sqlite://"}, "names no file"),
        ({"l3_url": "sqlite:///:memory:"}, "names no file"),
        ({"l3_url": "postgresql://u:geheim@[host/db"}, "l3_url is not a URL"),
    ],
)
def test_a_mistake_gets_one_clear_line(settings: dict[str, object], message: str) -> None:
    """The setting is named, no password is, and no parser's traceback carries one."""
    with pytest.raises(ConfigError, match=message) as caught:
        CacheConfig(**settings)
    assert "\n" not in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_unknown_names_are_refused() -> None:
    """An unknown preset or setting is named."""
    with pytest.raises(ConfigError, match="no preset is called 'fast': choose from default"):
        CacheConfig.preset("fast")
    with pytest.raises(ConfigError, match="no setting l1_size"):
        CacheConfig.default(l1_size=3)
