"""The generator of realistic values: each a pure function of seed, set, key and revision.

Nothing is remembered: whoever knows a key's revision can make its value again and compare.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

FIRST_NAMES = ("Ada", "Alan", "Barbara", "Edsger", "Frances", "Grace", "Ken", "Radia")
LAST_NAMES = ("Allen", "Dijkstra", "Hopper", "Liskov", "Lovelace", "Perlman", "Thompson", "Turing")
CATEGORIES = ("books", "clothing", "electronics", "garden", "kitchen", "music", "sports", "toys")
ROLES = ("admin", "analyst", "customer", "editor")
PAGES = ("/", "/account", "/basket", "/checkout", "/product", "/search")


class Draws:
    """Small seeded draws: the bytes of one BLAKE2b digest, consumed from the front."""

    __slots__ = ("_bits",)

    def __init__(self, seed: int, kind: str, key: str, revision: int) -> None:
        origin = f"{seed}\0{kind}\0{key}\0{revision}".encode()
        self._bits = int.from_bytes(blake2b(origin).digest(), "big")

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit - 1`."""
        self._bits, drawn = divmod(self._bits, limit)
        return drawn

    def fraction(self) -> float:
        """A number above 0 and below 1."""
        return (self.below(2**52) + 0.5) / 2**52

    def one_of(self, choices: tuple[str, ...]) -> str:
        """One of `choices`."""
        return choices[self.below(len(choices))]

    def date(self) -> str:
        """A date and time of the 2020s, in ISO 8601."""
        return (
            f"202{self.below(6)}-{1 + self.below(12):02}-{1 + self.below(28):02}"
            f"T{self.below(24):02}:{self.below(60):02}:{self.below(60):02}Z"
        )


def _simple(draws: Draws, key: str, revision: int) -> str:
    return f"value of {key}, revision {revision}, {draws.below(2**64):016x}"


def _user(draws: Draws, key: str, revision: int) -> dict[str, Any]:
    first, last = draws.one_of(FIRST_NAMES), draws.one_of(LAST_NAMES)
    return {
        "id": key,
        "revision": revision,
        "name": f"{first} {last}",
        "email": f"{first}.{last}.{draws.below(10_000)}@example.org".lower(),
        "age": 18 + draws.below(70),
        "active": draws.below(10) > 0,
        "roles": [draws.one_of(ROLES)],
        "created_at": draws.date(),
        "preferences": {"theme": draws.one_of(("dark", "light")), "newsletter": None},
    }


def _product(draws: Draws, key: str, revision: int) -> dict[str, Any]:
    return {
        "id": key,
        "revision": revision,
        "name": f"{draws.one_of(CATEGORIES).title()} item {draws.below(100_000)}",
        "category": draws.one_of(CATEGORIES),
        "price": (1 + draws.below(100_000)) / 100,
        "stock": draws.below(500),
        "rating": draws.below(51) / 10,
        "tags": sorted({draws.one_of(CATEGORIES), draws.one_of(CATEGORIES)}),
        "dimensions_mm": [draws.below(2_000), draws.below(2_000), draws.below(2_000)],
    }


def _session(draws: Draws, key: str, revision: int) -> dict[str, Any]:
    return {
        "id": key,
        "revision": revision,
        "user_id": f"users:{draws.below(1_000_000)}",
        "token": f"{draws.below(2**128):032x}",
        "started_at": draws.date(),
        "ip": f"192.0.2.{draws.below(256)}",
        "pages": [draws.one_of(PAGES) for _ in range(1 + draws.below(5))],
        "basket": {f"products:{draws.below(10_000)}": 1 + draws.below(4)},
    }


def _complex(draws: Draws, key: str, revision: int) -> dict[str, Any]:
    return {
        "id": key,
        "revision": revision,
        "owner": _user(draws, key, revision),
        "orders": [
            {"product": f"products:{draws.below(10_000)}", "amount": 1 + draws.below(9)}
            for _ in range(2 + draws.below(3))
        ],
        "matrix": [[draws.below(100) / 10 for _ in range(3)] for _ in range(3)],
        "flags": {"beta": bool(draws.below(2)), "note": None, "text": "grüße, мир, 世界"},
    }


Maker = Callable[[Draws, str, int], Any]

MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "simple": _simple,
        "users": _user,
        "products": _product,
        "sessions": _session,
        "complex": _complex,
    }
)


def _mixed(draws: Draws, key: str, revision: int) -> Any:
    makers = tuple(MAKERS.values())
    return makers[draws.below(len(makers))](draws, key, revision)


KINDS: Mapping[str, Maker] = MappingProxyType({**MAKERS, "mixed": _mixed})


class CacheTestDataGenerator:
    """Makes the values of one seed; two generators of the same seed agree on each.

    Args:
        seed: Any integer.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def value(self, kind: str, key: str, revision: int = 0) -> Any:
        """The value of `key` in the set `kind` at `revision`: JSON-able, unlike any other.

        Raises:
            ValueError: `kind` is not a set of `KINDS`.
        """
        try:
            maker = KINDS[kind]
        except KeyError:
            raise ValueError(
                f"no set of values is called {kind!r}; there are {', '.join(KINDS)}"
            ) from None
        return maker(Draws(self.seed, kind, key, revision), key, revision)

    def generate_test_dataset(self, size: int = 100, data_type: str = "users") -> dict[str, Any]:
        """A whole set by key, `<data_type>:0` to `<data_type>:<size - 1>`.

        Args:
            size: Number of keys, from 0.
            data_type: One of `KINDS`.
        """
        return {key: self.value(data_type, key) for key in key_names(data_type, size)}


def key_names(kind: str, keys: int) -> list[str]:
    """The names of a set's keys, in the order of their numbers."""
    return [f"{kind}:{number}" for number in range(keys)]
