"""An asyncio multi-level cache: L1 memory, L2 Redis or Valkey, L3 SQL."""

from cache.config import CacheConfig
from cache.errors import (
    CacheError,
    ClosedError,
    ConfigError,
    InvalidKeyError,
    InvalidTTLError,
    InvalidValueError,
    LoadTimeoutError,
    MissingExtraError,
    NotOpenError,
    TableVersionError,
    ValueTooLargeError,
)
from cache.events import BreakerChanged, Hit, Invalidated, Loaded, Missed
from cache.multilevel import MultiLevelCache, ReadResult
from cache.tier import MISS

__all__ = [
    "MISS",
    "BreakerChanged",
    "CacheConfig",
    "CacheError",
    "ClosedError",
    "ConfigError",
    "Hit",
    "InvalidKeyError",
    "InvalidTTLError",
    "InvalidValueError",
    "Invalidated",
    "LoadTimeoutError",
    "Loaded",
    "Missed",
    "MissingExtraError",
    "MultiLevelCache",
    "NotOpenError",
    "ReadResult",
    "TableVersionError",
    "ValueTooLargeError",
]
