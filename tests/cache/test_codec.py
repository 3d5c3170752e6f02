"""What leaves the process comes back exactly as it was, or does not leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import codec
from cache.errors import DecodeError, EncodeError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


def typed(value: object) -> object:
    """Return a form of a value in which 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value), repr(value)


@given(JSON)
def test_json_values_come_back_as_they_were(value: object) -> None:
    """Value and types survive."""
    assert typed(codec.decode(codec.encode(value))) == typed(value)


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1: "a"}, {1, 2}, b"x", float("nan"), float("inf"), [(1,)], object(), "\ud800", 1j],
)
def test_what_json_would_change_is_refused(value: object) -> None:
    """A value that would come back as something else is not encoded."""
    with pytest.raises(EncodeError):
        codec.encode(value)


def test_an_integer_of_thousands_of_digits_is_refused() -> None:
    """Python itself would not read it back."""
    assert codec.decode(codec.encode(10**4000)) == 10**4000
    with pytest.raises(EncodeError):
        codec.encode([10**5000])


def test_a_value_without_end_is_refused() -> None:
    """A list that holds itself has no JSON form."""
    value: list[object] = []
    value.append(value)
    with pytest.raises(EncodeError):
        codec.encode(value)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"hello",
        b"[1",
        b"\x80\x04K\x01.",
        b'"\xff"',
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"9" * 5000, id="long"),
    ],
)
def test_what_is_not_json_is_refused(payload: bytes) -> None:
    """Text, a cut-off value, a pickle, and what would exhaust its reader."""
    with pytest.raises(DecodeError):
        codec.decode(payload)
