"""How L1 takes what a tier below has, with its JSON: no reader shares anything with another."""

from typing import Any

import pytest

from cache.codec import decode_payload, encode
from cache.l1 import memory
from cache.l1.memory import MemoryTier
from cache.l1.slot import Slot
from cache.tier import Entry

NESTED = [{"a": [1, {"b": 2}]}, [[1], [2]], [{}], {"a": {}}, [1, [], 2]]
FLAT = [{"a": 1, "b": "x"}, [1, 2.5, None, "x"], {}, []]
BRACKETED = [{"a": "{"}, {"a[": 1}, ["]["], ["{}", "[]"]]


def _taken(value: object, **settings: Any) -> MemoryTier:
    """A tier that took a value with its JSON."""
    payload = encode(value)
    tier = MemoryTier(4, **settings)
    tier.take("a", Entry(value, size_bytes=len(payload), payload=payload), None, None)
    return tier


def _slot(tier: MemoryTier) -> Slot:
    slot = tier.find_slot("a")
    assert slot is not None
    return slot


@pytest.mark.parametrize("value", [*NESTED, *FLAT, *BRACKETED])
def test_no_reader_shares_anything_with_another(value: object) -> None:
    """Nor with what was taken, on any path of a hit."""
    tier = _taken(value)
    held = tier.held("a")
    assert held is not None
    seen = [value]
    for _ in range(2):
        seen += [tier.get("a"), tier.fresh("a"), tier.timed_hit(_slot(tier)), held.value]
    assert all(one == value for one in seen)
    parts = [id(part) for one in seen for part in _mutable(one)]
    assert len(parts) == len(set(parts))


@pytest.mark.parametrize("value", [*NESTED, *BRACKETED])
def test_a_value_that_may_be_nested_is_decoded_for_each_reader(
    value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is its JSON, and each hit decodes that once."""
    decoded: list[bytes] = []

    def counted(payload: bytes) -> object:
        decoded.append(payload)
        return decode_payload(payload)

    monkeypatch.setattr(memory, "decode_payload", counted)
    tier = _taken(value)
    assert decoded == []
    assert [tier.get("a"), tier.get("a")] == [value, value]
    assert decoded == [encode(value)] * 2


@pytest.mark.parametrize("value", FLAT)
def test_a_flat_value_is_copied(value: object) -> None:
    """That is cheaper than to decode it, and enough."""
    slot = _slot(_taken(value))
    assert slot.copier is (dict.copy if type(value) is dict else list.copy)
    assert slot.value == value
    assert slot.value is not value


@pytest.mark.parametrize("value", [1, "[", None, 2.5, "text {"])
def test_what_nobody_can_change_is_shared(value: object) -> None:
    """Its JSON, even with a bracket in it, is not kept."""
    slot = _slot(_taken(value))
    assert slot.copier is None
    assert slot.value is value


@pytest.mark.parametrize("value", [*NESTED, *FLAT])
def test_without_copies_the_value_itself_is_kept(value: object) -> None:
    """Its JSON is not looked at."""
    tier = _taken(value, copy_values=False)
    assert tier.get("a") is value
    assert tier.get("a") is value


def _mutable(value: object) -> list[object]:
    """Everything in a value that can be changed, the value itself first."""
    if isinstance(value, dict):
        return [value, *(part for item in value.values() for part in _mutable(item))]
    if isinstance(value, list):
        return [value, *(part for item in value for part in _mutable(item))]
    return []
