"""The values of an attempt: what they are, how large, for how long, and which revision."""

import pytest

from pipeline.data import Data, Sizes, TtlShare
from workers.data import KINDS
from workers.values import Values


@pytest.mark.parametrize(
    "data", [Data(kind="users"), Data(sizes=Sizes(bytes=100)), Data(ttls=(TtlShare(ttl_s=9),))]
)
def test_two_workers_make_the_same_values(data: Data) -> None:
    """A value is known wherever the seed is."""
    one, other, third = Values(7, data), Values(7, data), Values(8, data)
    keys = [f"{data.kind}:{number}" for number in range(20)]
    assert [one.value(key, 3) for key in keys] == [other.value(key, 3) for key in keys]
    assert [one.ttl_s(key) for key in keys] == [other.ttl_s(key) for key in keys]
    assert one.value(keys[0], 3) != third.value(keys[0], 3)


@pytest.mark.parametrize("kind", KINDS)
def test_each_value_of_a_set_says_its_revision(kind: str) -> None:
    """Read from the value itself, and only by its own key."""
    values = Values(5, Data(kind=kind))
    made = values.value(f"{kind}:3", 41)
    assert values.revision_of(f"{kind}:3", made) == 41
    assert values.revision_of(f"{kind}:31", made) is None


def test_a_sized_text_says_its_revision() -> None:
    """Unless it is too small to say anything."""
    values = Values(5, Data(sizes=Sizes(bytes=60)))
    assert values.revision_of("simple:1", values.value("simple:1", 12)) == 12
    tiny = Values(5, Data(sizes=Sizes(bytes=4)))
    assert tiny.revision_of("simple:1", tiny.value("simple:1", 12)) is None


@pytest.mark.parametrize(
    "value",
    [
        *("nonsense", "simple:1#x#", "", {}, {"id": "simple:1"}, 7, None),
        *({"id": "simple:1", "revision": wrong} for wrong in (-1, 10**30, 0.5)),
    ],
)
def test_what_was_never_written_has_no_revision(value: object) -> None:
    """Whatever a broken cache may answer."""
    assert Values(5, Data()).revision_of("simple:1", value) is None


def test_ttls_are_drawn_by_their_weights() -> None:
    """Nine keys of ten live for a minute, the others as long as the subject likes."""
    data = Data(ttls=(TtlShare(ttl_s=60, weight=9), TtlShare(weight=1)))
    values = Values(3, data)
    drawn = [values.ttl_s(f"simple:{number}") for number in range(5_000)]
    assert set(drawn) == {60, None}
    assert drawn.count(60) / len(drawn) == pytest.approx(0.9, abs=0.02)


def test_whether_any_key_has_a_ttl_is_known_beforehand() -> None:
    """Shares without a TTL are none; a trace's TTLs are some."""
    values = Values(3, Data(ttls=(TtlShare(),)))
    assert not values.has_ttls
    values.use_ttls({"a": 5.0, "b": None})
    assert values.has_ttls
    assert (values.ttl_s("a"), values.ttl_s("b"), values.ttl_s("c")) == (5.0, None, None)


def test_a_size_of_nothing_known_is_the_shortest_that_tells_values_apart() -> None:
    """Traces of integers say no sizes."""
    values = Values(3, Data())
    values.use_sizes({"17": 0, "18": 50})
    assert values.value("17", 2) == "17#2#"
    assert len(values.value("18", 2)) == 50
