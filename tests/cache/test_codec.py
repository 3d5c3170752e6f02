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


def _typed(value: object) -> object:
    """Return a form in which 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return type(value), repr(value)


@given(JSON)
def test_json_values_come_back_as_they_were(value: object) -> None:
    """Value and types survive, bare and in an envelope."""
    payload = codec.encode(value)
    assert _typed(codec.decode(payload)) == _typed(value)
    unsealed, expires_ms = codec.unseal(codec.seal(payload, 1234))
    assert _typed(unsealed) == _typed(value)
    assert expires_ms == 1234


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1: "a"}, {1, 2}, b"x", float("nan"), float("inf"), [(1,)], object(), "\ud800", 1j],
)
def test_what_json_would_change_is_refused(value: object) -> None:
    """A value that would come back as something else is not encoded."""
    with pytest.raises(EncodeError):
        codec.encode(value)


def test_a_value_without_end_is_refused() -> None:
    """A list that holds itself has no JSON form."""
    value: list[object] = []
    value.append(value)
    with pytest.raises(EncodeError):
        codec.encode(value)


@pytest.mark.parametrize(
    "envelope",
    [b"", b"hello", b'"hello"', b"[]", b"[2,null,1]", b"[1,null", b'{"a":1}', b"\x80\x04K\x01."],
)
def test_a_foreign_envelope_is_refused(envelope: bytes) -> None:
    """Text, other JSON, another format, a cut-off envelope and a pickle are all foreign."""
    with pytest.raises(DecodeError):
        codec.unseal(envelope)
