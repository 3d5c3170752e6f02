"""The cache's settings: one frozen object, checked when it is made, and the presets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, Self

from cache.address import check_l2_url, check_l3_url
from cache.errors import ConfigError

_LONGEST_S: Final = 10_000_000_000.0

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


_COUNTS: Final = (
    "l1_max_size",
    "warming_threshold",
    "max_warming_keys",
    "max_value_bytes",
    "write_behind_limit",
)
_MAYBE_COUNTS: Final = ("l1_max_bytes", "l1_max_value_bytes", "l2_compress_over_bytes")
_SECONDS: Final = (
    "warming_interval",
    "l2_timeout_s",
    "l3_timeout_s",
    "health_interval_s",
    "lease_s",
    "max_staleness_s",
    "write_behind_interval_s",
)
_MAYBE_SECONDS: Final = (
    "l1_default_ttl",
    "l2_default_ttl",
    "l3_default_ttl",
    "negative_ttl_s",
    "load_soft_timeout_s",
    "load_timeout_s",
)
_RANGES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "ttl_jitter": (0, 0.5),
        "early_refresh_beta": (0, 100),
        "stale_while_revalidate_s": (0, _LONGEST_S),
        "stale_if_error_s": (0, _LONGEST_S),
        "warming_loads_per_s": (0, 1e6),
        "slo_error_rate": (0, 1),
        "slo_hit_rate": (0, 1),
        "slo_p95_s": (0, _LONGEST_S),
    }
)
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"coherence": ("tracking", "ttl"), "l3_write": ("through", "behind")}
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
        l1_max_bytes: Bytes of values held in memory; None is without limit.
        l1_max_value_bytes: A larger value is not held in memory; None is without limit.
        max_value_bytes: A larger encoded value is refused.
        l2_compress_over_bytes: Larger encoded values are compressed for L2; None never does.
        copy_values: Hand out copies of mutable values; off, readers share what L1 holds.
        negative_ttl_s: The longest that a loader's None is kept; None is no limit of its own.
        ttl_jitter: The largest share by which a TTL is shortened at random, from 0 to 0.5.
        early_refresh_beta: How early a value that was costly to load is loaded anew; 0 is never,
            1 is XFetch's optimum.
        stale_while_revalidate_s: How long after its end a value is served while a load runs.
        stale_if_error_s: How long after its end a value is served when its load fails or is slow.
        load_soft_timeout_s: How long a caller waits for a load where a stale value is at hand.
        load_timeout_s: How long a caller waits for a load at all; the load itself goes on.
        lease_s: How long other processes wait for one that loads and shows no sign of life.
        max_staleness_s: The longest that L1 serves what others have written since.
        coherence: ``tracking`` has L2 tell each L1 of others' writes; ``ttl`` lets L1 wait for
            its TTL.
        l3_write: ``through`` commits before ``set`` returns, ``behind`` afterwards, in batches.
        write_behind_limit: Keys that wait for L3 at most; then ``set`` waits too.
        write_behind_interval_s: Time between two batches.
        warming_loads_per_s: The most loads from the origin that warming makes in a second.
        slo_error_rate: Share of failed calls over which an alert is raised.
        slo_hit_rate: Share of hits under which an alert is raised.
        slo_p95_s: Time of the slowest tier's 95th percentile over which an alert is raised.

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
    l1_max_bytes: int | None = None
    l1_max_value_bytes: int | None = None
    max_value_bytes: int = 16 * 1024 * 1024
    l2_compress_over_bytes: int | None = None
    copy_values: bool = True
    negative_ttl_s: float | None = 30
    ttl_jitter: float = 0.1
    early_refresh_beta: float = 1.0
    stale_while_revalidate_s: float = 0
    stale_if_error_s: float = 0
    load_soft_timeout_s: float | None = None
    load_timeout_s: float | None = None
    lease_s: float = 2.0
    max_staleness_s: float = 2.0
    coherence: Literal["tracking", "ttl"] = "tracking"
    l3_write: Literal["through", "behind"] = "through"
    write_behind_limit: int = 10_000
    write_behind_interval_s: float = 0.05
    warming_loads_per_s: float = 10
    slo_error_rate: float = 0.01
    slo_hit_rate: float = 0.7
    slo_p95_s: float = 0.05

    def __post_init__(self) -> None:
        _check_namespace(self.namespace)
        self._check_numbers()
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(
                    f"{name} is {getattr(self, name)!r}: choose from {', '.join(choices)}"
                )
        if self.l2_url is not None:
            check_l2_url(self.l2_url)
        if self.l3_url is not None:
            check_l3_url(self.l3_url)
        self._resolve("enable_l2", "l2_url", "redis://host:6379/0")
        self._resolve("enable_l3", "l3_url", "sqlite:///file.db")

    def _check_numbers(self) -> None:
        for name in _COUNTS:
            _check_count(name, getattr(self, name))
        for name in _SECONDS:
            _check_seconds(name, getattr(self, name))
        for name in _MAYBE_COUNTS:
            if getattr(self, name) is not None:
                _check_count(name, getattr(self, name))
        for name in _MAYBE_SECONDS:
            if getattr(self, name) is not None:
                _check_seconds(name, getattr(self, name))
        for name, (lowest, highest) in _RANGES.items():
            _check_range(name, getattr(self, name), lowest, highest)

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


def _check_range(name: str, value: object, lowest: float, highest: float) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not lowest <= value <= highest
    ):
        raise ConfigError(f"{name} is {value!r}: give a number from {lowest:g} to {highest:g}")
