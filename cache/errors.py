"""Every error that the cache raises; a caller's loader raises its own, unchanged."""


class CacheError(Exception):
    """The root of the cache's errors."""


class ConfigError(CacheError, ValueError):
    """A setting of the cache is missing or makes no sense."""


class InvalidKeyError(CacheError, ValueError):
    """A key is not a non-empty string."""


class InvalidTTLError(CacheError, ValueError):
    """A time to live is not a positive number of seconds."""


class InvalidValueError(CacheError, TypeError):
    """A value can't be copied, so no reader could be given a copy of its own."""


class NotOpenError(CacheError, RuntimeError):
    """The cache was used before it was entered."""


class ClosedError(CacheError, RuntimeError):
    """The cache was used, or still loading, after it was closed."""


class EncodeError(CacheError, TypeError):
    """A value has no exact form in JSON, so it can't leave the process."""


class DecodeError(CacheError, ValueError):
    """A payload read from a tier is not one that this cache wrote."""


class TierError(CacheError):
    """A tier can't serve; callers see a miss and a counted error instead."""
