"""Every error that the cache raises; a caller's loader raises its own, unchanged."""


class CacheError(Exception):
    """The root of the cache's errors."""


class ConfigError(CacheError, ValueError):
    """A setting of the cache is missing or makes no sense."""


class TableVersionError(ConfigError):
    """The database's cache tables have another layout; nothing was written to it.

    Args:
        table: The table that told.
        found: Its layout; None is the one before layouts had numbers.
        wanted: This version's layout.
    """

    def __init__(self, table: str, found: int | None, wanted: int) -> None:
        layout = "a layout without a number" if found is None else f"layout {found}"
        super().__init__(
            f"the table {table} in l3_url's database has {layout}, this version of the cache "
            f"needs layout {wanted}: drop the cache_* tables, or name another database in l3_url"
        )
        self.table = table
        self.found = found
        self.wanted = wanted


class InvalidKeyError(CacheError, ValueError):
    """A key is not a non-empty string."""


class InvalidTTLError(CacheError, ValueError):
    """A time to live is not a positive number of seconds."""


class InvalidValueError(CacheError, TypeError):
    """A value can't be copied, so no reader could be given a copy of its own."""


class ValueTooLargeError(CacheError, ValueError):
    """An encoded value is larger than ``max_value_bytes``."""


class LoadTimeoutError(CacheError, TimeoutError):
    """A load took longer than its caller waits; the load itself goes on."""


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


class MissingExtraError(CacheError, ImportError):
    """A part of the cache was imported without the packages of its extra."""
