"""The keys and values that every contender is given."""

import json
from typing import Any


def keys(count: int, prefix: str = "key") -> list[str]:
    """Return distinct keys of one length."""
    return [f"{prefix}:{number:07}" for number in range(count)]


def record(number: int) -> dict[str, Any]:
    """Return a value whose JSON has 200 bytes."""
    return {
        "id": 1_000_000 + number,
        "name": f"customer {number:07}",
        "email": f"customer.{number:07}@example.org",
        "active": True,
        "balance": 1234.5,
        "tags": ["newsletter", "returning"],
        "address": "12 Long Street, Springfield",
        "note": "rings!",
    }


def encoded(number: int) -> bytes:
    """Return the record's JSON, for peers that are given bytes."""
    return json.dumps(record(number), separators=(",", ":")).encode()
