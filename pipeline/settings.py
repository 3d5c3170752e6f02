"""Addresses of the services, read once at the entry points from flags and the environment."""

from typing import Any, Self

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import SettingsError
from pipeline.urls import redact_url, redis_url, with_database

PREFIX = "BENCH_"

__all__ = ["Settings", "redact_url"]


class Settings(BaseSettings):
    """Where the services are; what changes a result travels in the job instead."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True
    )

    broker_url: str = "redis://127.0.0.1:6379/0"
    l2_url: str | None = None
    l3_url: str | None = None
    results_url: str = "sqlite:///.bench/results.db"

    @classmethod
    def read(cls, **flags: str | None) -> Self:
        """Settings from flags first, then the environment, then the defaults.

        Args:
            flags: Fields given on the command line; None where a flag was left out.

        Raises:
            SettingsError: A value can't be used.
        """
        given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            variable = PREFIX + ".".join(str(part) for part in first["loc"]).upper()
            raise SettingsError(f"{variable}: {first['msg']}") from None

    @field_validator("broker_url")
    @classmethod
    def _check_broker(cls, url: str) -> str:
        return redis_url(url, "BENCH_BROKER_URL")

    @field_validator("l2_url")
    @classmethod
    def _check_l2(cls, url: str | None) -> str | None:
        return None if url is None else redis_url(url, "BENCH_L2_URL")

    @property
    def subject_l2_url(self) -> str:
        """The L2 of caches under test; by default the broker's server, database 1."""
        return self.l2_url or with_database(self.broker_url, 1)

    @property
    def subject_l3_url(self) -> str:
        """The L3 of caches under test; by default an SQLite file beside the results."""
        return self.l3_url or "sqlite:///.bench/l3.db"

    def environment(self) -> dict[str, str]:
        """The environment variables that give another process the same settings."""
        values = self.model_dump(exclude_none=True)
        return {f"{PREFIX}{name.upper()}": value for name, value in values.items()}

    def shown(self) -> dict[str, str]:
        """The addresses in use, as they may be shown."""
        return {
            "broker": redact_url(self.broker_url),
            "l2": redact_url(self.subject_l2_url),
            "l3": redact_url(self.subject_l3_url),
            "results": redact_url(self.results_url),
        }
