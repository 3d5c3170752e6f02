"""The cache's settings: one frozen object, checked when it is made, and the presets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from cache.address import check_l2_url, check_l3_url
from cache.errors import ConfigError

_PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "default": {"l1_max_size": 100, "l2_default_ttl": 300},
        "performance": {"l1_max_size": 1000, "warming_interval": 30, "max_warming_keys": 50},
        "memory_constrained": {
            "l1_max_size": 10,
            "warming_interval": 300,
            "max_warming_keys": 5,
        },
        "high_throughput": {"l1_max_size": 5000, "warming_interval": 60, "max_warming_keys": 200},
        "warming_disabled": {"enable_warming": False},
        "l2_disabled": {"enable_l2": False},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheConfig:
    """Settings of one cache. Times are seconds; a TTL of None keeps a value until it is deleted.

    A tier below memory is on when it has a URL, unless its ``enable_`` flag says otherwise.

    Args:
        namespace: Prefix of every key in L2 and L3; two caches that share it share values.
        l1_max_size: Entries held in memory, 1 or more.
        l1_default_ttl: How long L1 keeps a value; never longer than the tiers below do.
        l2_url: ``redis://``, ``rediss://`` or ``unix://`` URL of a Redis or Valkey server.
        l2_default_ttl: How long L2 keeps a value; never longer than L3 does.
        l3_url: ``sqlite:///file`` or ``postgresql://`` URL.
        l3_default_ttl: How long L3 keeps a value.
        enable_l2: Turns L2 off, or insists on it; resolved to a bool.
        enable_l3: Turns L3 off, or insists on it; resolved to a bool.
        enable_warming: Track reads and load hot keys into L1 in the background.
        warming_threshold: Reads (decayed) that make a key a candidate, 1 or more.
        warming_interval: Time between two warming cycles.
        max_warming_keys: The most keys that one cycle looks at, 1 or more.
        l2_timeout_s: The longest that a caller waits for one round trip to L2.
        l3_timeout_s: The longest that a caller waits for one statement of L3.
        health_interval_s: Time between two signs of life asked of a tier, and between two
            attempts to reach a tier that failed.

    Raises:
        ConfigError: A setting is missing or out of its range.
    """

    namespace: str = "cache"
    l1_max_size: int = 100
    l1_default_ttl: float | None = 300
    l2_url: str | None = field(default=None, repr=False)
    l2_default_ttl: float | None = 300
    l3_url: str | None = field(default=None, repr=False)
    l3_default_ttl: float | None = None
    enable_l2: bool | None = None
    enable_l3: bool | None = None
    enable_warming: bool = True
    warming_threshold: int = 5
    warming_interval: float = 60
    max_warming_keys: int = 50
    l2_timeout_s: float = 0.25
    l3_timeout_s: float = 0.5
    health_interval_s: float = 0.25

    def __post_init__(self) -> None:
        _check_namespace(self.namespace)
        for name in ("l1_max_size", "warming_threshold", "max_warming_keys"):
            _check_count(name, getattr(self, name))
        for name in ("warming_interval", "l2_timeout_s", "l3_timeout_s", "health_interval_s"):
            _check_seconds(name, getattr(self, name))
        for name in ("l1_default_ttl", "l2_default_ttl", "l3_default_ttl"):
            if getattr(self, name) is not None:
                _check_seconds(name, getattr(self, name))
        if self.l2_url is not None:
            check_l2_url(self.l2_url)
        if self.l3_url is not None:
            check_l3_url(self.l3_url)
        self._resolve("enable_l2", "l2_url", "redis://host:6379/0")
        self._resolve("enable_l3", "l3_url", "sqlite:///file.db")

    def _resolve(self, flag: str, url_name: str, example: str) -> None:
        wanted, url = getattr(self, flag), getattr(self, url_name)
        if wanted and url is None:
            raise ConfigError(
                f"{flag} is on but {url_name} is not set: give {url_name}={example!r}"
            )
        object.__setattr__(self, flag, url is not None if wanted is None else bool(wanted))

    @staticmethod
    def presets() -> tuple[str, ...]:
        """Return the names of the presets."""
        return tuple(_PRESETS)

    @classmethod
    def preset(cls, name: str, **overrides: Any) -> Self:
        """Return the preset called ``name``, with some settings replaced.

        Raises:
            ConfigError: There is no such preset, or no such setting.
        """
        if name not in _PRESETS:
            raise ConfigError(f"no preset is called {name!r}: choose from {', '.join(_PRESETS)}")
        unknown = overrides.keys() - cls.__dataclass_fields__.keys()
        if unknown:
            raise ConfigError(f"CacheConfig has no setting {', '.join(sorted(unknown))}")
        return cls(**{**_PRESETS[name], **overrides})

    @classmethod
    def default(cls, **overrides: Any) -> Self:
        """Return 100 entries in memory and 300 s in L2."""
        return cls.preset("default", **overrides)

    @classmethod
    def performance(cls, **overrides: Any) -> Self:
        """Return 1,000 entries in memory and a warming cycle each 30 s."""
        return cls.preset("performance", **overrides)

    @classmethod
    def memory_constrained(cls, **overrides: Any) -> Self:
        """Return 10 entries in memory and rare, small warming cycles."""
        return cls.preset("memory_constrained", **overrides)

    @classmethod
    def high_throughput(cls, **overrides: Any) -> Self:
        """Return 5,000 entries in memory and large warming cycles."""
        return cls.preset("high_throughput", **overrides)

    @classmethod
    def warming_disabled(cls, **overrides: Any) -> Self:
        """Return the default without access tracking and warming."""
        return cls.preset("warming_disabled", **overrides)

    @classmethod
    def l2_disabled(cls, **overrides: Any) -> Self:
        """Return the default without L2, even where ``l2_url`` is set."""
        return cls.preset("l2_disabled", **overrides)


def _check_namespace(namespace: object) -> None:
    if not isinstance(namespace, str) or not namespace:
        raise ConfigError(f"namespace is {namespace!r}: give a non-empty string")


def _check_count(name: str, value: object) -> None:
    if type(value) is not int or value < 1:
        raise ConfigError(f"{name} is {value!r}: give a whole number of at least 1")


def _check_seconds(name: str, value: object) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value < float("inf")
    ):
        raise ConfigError(f"{name} is {value!r}: give a positive number of seconds")
