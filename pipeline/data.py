"""The frozen vocabulary of data: keys, values, how large these are and how long they live."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

Kind = Literal["simple", "users", "products", "sessions", "complex", "mixed"]
Bytes = Annotated[int, Ge(0), Le(512 << 20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large values are: a text of so many bytes under each key, always the same for a seed.

    Args:
        distribution: `fixed` at `bytes`; `uniform` from `min_bytes` to `max_bytes`; `lognormal`
            with the median `bytes` and `sigma`, held within `min_bytes` and `max_bytes`.
        bytes: See `distribution`.
        sigma: Standard deviation of the size's natural logarithm.
        min_bytes: The smallest; what tells a value from all others needs about 40 bytes.
        max_bytes: The largest.
        compressible: Whether the text compresses well, or not at all (random, base64).
    """

    distribution: Literal["fixed", "uniform", "lognormal"] = "fixed"
    bytes: Bytes = 230
    sigma: Annotated[float, Gt(0)] = 1.0
    min_bytes: Bytes = 1
    max_bytes: Bytes = 1 << 20
    compressible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TtlShare:
    """Part of a mix of TTLs.

    Args:
        ttl_s: Seconds; None is what the subject does by itself.
        weight: Its share of the keys, in proportion to the others' weights.
    """

    ttl_s: Annotated[float, Gt(0)] | None = None
    weight: Annotated[float, Gt(0)] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The keys of a scenario and the values under them.

    Args:
        kind: One of the data generator's sets.
        keys: Number of keys, `<kind>:0` to `<kind>:<keys - 1>`.
        sizes: Texts of these sizes take the place of the set's own values.
        ttls: Each key has one of these TTLs, drawn by its weight; none is the subject's own.
    """

    kind: Kind = "simple"
    keys: Annotated[int, Ge(1), Le(10_000_000)] = 200
    sizes: Sizes | None = None
    ttls: tuple[TtlShare, ...] = ()
