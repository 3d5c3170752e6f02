"""Seeded damage to valid inputs: what a disk, a network, an editor or an enemy does to them."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

ODD_TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "\n",
        "\r\n",
        "\ufeff",
        "\u202e",
        "\ud83d",
        "é" * 40,
        "\U0001d518",
        "'\";--",
    ),
    *("-1", "0", "1e999", "NaN", "inf", "9" * 5000, "0x10", "1_000", "true", "null", "$users"),
    *(
        "\U0001d518",
        "../../etc/passwd",
        "/dev/null",
        "__import__('os')",
        "%s%n",
        "{0}",
        "a" * 70_000,
    ),
    *("[" * 600, '{"a":' * 300, "a.b." * 40, '"""', "[[phases]]", "=", "]", "${x}", "--", "-h"),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1 << 31, 1 << 63, 1 << 70, -(1 << 64), 10**400),
    *(0.0, -0.0, 1e308, -1e308, float("nan"), float("inf"), 5e-324),
    *([], {}, [[]], {"": {}}, [None] * 50, {"kind": "open"}),
    *ODD_TEXTS,
)
_SPLICED = tuple(text.encode("utf-8", "surrogatepass") for text in ODD_TEXTS)


def damaged(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Bytes with one to four kinds of damage done to them.

    Args:
        data: Something valid.
        others: More of the kind, to splice in.
        chance: Decides what is done.
    """
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(_DAMAGES)(data, others, chance)
    return data


def _flip(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(min(len(changed), chance.randint(1, 4))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _truncate(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _cut_out(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + data[start + chance.randint(1, 40) :]


def _repeat(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    part = data[start : start + chance.randint(1, 200)]
    return data[:start] + part * chance.choice((2, 3, 100)) + data[start:]


def _splice(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)
    start, end = sorted(chance.randint(0, len(other)) for _ in range(2))
    where = chance.randint(0, len(data))
    return data[:where] + other[start:end] + data[where:]


def _insert(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    where = chance.randint(0, len(data))
    return data[:where] + chance.choice(_SPLICED) + data[where:]


def _renumber(data: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    digits = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    if not digits:
        return data
    where = chance.choice(digits)
    number = chance.choice((b"-", b"0", b"9" * 25, b"1e400", b"0.5", b"nan", b"1" + b"0" * 5000))
    return data[:where] + number + data[where + 1 :]


_DAMAGES: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    *(_flip, _truncate, _cut_out, _repeat, _splice, _insert, _renumber),
)


def distorted(value: Any, chance: random.Random) -> Any:
    """JSON-able data with another value, no value, or one more value somewhere in it.

    Args:
        value: Something valid.
        chance: Decides where and what.
    """
    if isinstance(value, Mapping) and value and chance.random() < 0.9:
        changed = dict(value)
        key = chance.choice(list(changed))
        what = chance.random()
        if what < 0.1:
            del changed[key]
        elif what < 0.2:
            changed[str(chance.choice(ODD_TEXTS))] = chance.choice(ODD_VALUES)
        else:
            changed[key] = distorted(changed[key], chance)
        return changed
    if isinstance(value, list | tuple) and value and chance.random() < 0.9:
        items = list(value)
        where = chance.randrange(len(items))
        items[where] = distorted(items[where], chance)
        return items
    return chance.choice(ODD_VALUES)
