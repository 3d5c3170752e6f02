"""What the user asked to be run, from the words of the command line to a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.bundle import collect
from pipeline.cli.code_version import code_version
from pipeline.cli.errors import UsageError
from pipeline.plan import Plan, Services, new_run_id, new_seed, plan_run, seed_of_key
from pipeline.subjects import check

_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options that `bench run` and `bench enqueue` have in common, as they were given."""

    names: Sequence[str]
    types: Sequence[str] = ()
    seed: int | None = None
    labels: Sequence[str] = ()
    overrides: Sequence[str] = ()
    repeats: int = 1
    subjects: Sequence[str] = ()
    code_version: str | None = None
    idempotency_key: str | None = None

    def plan(self, services: Services) -> Plan:
        """Read scenarios and traces and plan the run; nothing is written.

        Args:
            services: Where the services come from.

        Raises:
            PipelineError: Something asked for does not exist or can't be read.
        """
        labels = pairs("--label", self.labels)
        overrides = pairs("--set", self.overrides)
        subjects = check(self.subjects)
        bundle = collect(self.names, self.types, overrides)
        if not bundle.scenarios:
            types = ", ".join(self.types)
            raise UsageError(f"no scenario of type {types} among {' '.join(self.names)}")
        return plan_run(
            bundle,
            run_id=new_run_id(),
            seed=self._seed(),
            names=self.names or self.types or ("quick",),
            subjects=subjects,
            repeats=self.repeats,
            services=services,
            code_version=code_version(self.code_version, Path.cwd()),
            labels=labels,
            parameters=overrides,
            idempotency_key=_checked_key(self.idempotency_key),
        )

    def _seed(self) -> int:
        if self.seed is not None:
            return self.seed
        return new_seed() if self.idempotency_key is None else seed_of_key(self.idempotency_key)


def pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """The values of a repeated KEY=VALUE option; the last of a key counts.

    Raises:
        UsageError: One is not KEY=VALUE.
    """
    found = {}
    for text in texts:
        # What is no UTF-8 comes as half surrogates, which no report could show.
        text.encode()
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{option} {text}: expected KEY=VALUE, such as {option} users=4")
        found[key.strip()] = value
    return found


def _checked_key(key: str | None) -> str | None:
    if key is not None and not (key.isprintable() and 0 < len(key) <= _KEY_LENGTH):
        raise UsageError(f"--idempotency-key: expected 1 to {_KEY_LENGTH} printable characters")
    return key
