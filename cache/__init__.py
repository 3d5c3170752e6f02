"""An asyncio multi-level cache: L1 memory, L2 Redis or Valkey, L3 SQL."""

from cache.config import CacheConfig
from cache.errors import (
    CacheError,
    ClosedError,
    ConfigError,
    InvalidKeyError,
    InvalidTTLError,
    InvalidValueError,
    NotOpenError,
)
from cache.multilevel import MultiLevelCache, ReadResult
from cache.tier import MISS

__all__ = [
    "MISS",
    "CacheConfig",
    "CacheError",
    "ClosedError",
    "ConfigError",
    "InvalidKeyError",
    "InvalidTTLError",
    "InvalidValueError",
    "MultiLevelCache",
    "NotOpenError",
    "ReadResult",
]
