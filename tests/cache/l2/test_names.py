"""No namespace's names are another's, and each key comes back from its name."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.l2.names import Names

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ODD = st.text(":%~{}*?[]\\-^ab", min_size=1)


def _all_names(namespace: str, text: str) -> set[str]:
    names = Names(namespace)
    return {names.of(text), f"lease~{names.of(text)}", names.of_tag(text), names.floor}


def test_plain_names_are_readable() -> None:
    """As somebody who looks into Redis expects them."""
    assert _all_names("shop", "user:1") == {
        "shop:user:1",
        "lease~shop:user:1",
        "tag~shop:user:1",
        "floor~shop",
    }


def test_a_namespace_cannot_reach_into_another() -> None:
    """What would meet without escaping does not."""
    assert Names("a").of("b:x") != Names("a:b").of("x")
    assert not Names("a:b").prefix.startswith(Names("a").prefix)
    assert Names("lease~a").of("x") != "lease~" + Names("a").of("x")
    assert Names("a%3A").prefix != Names("a:").prefix


@given(st.tuples(TEXT | ODD, TEXT | ODD), st.tuples(TEXT | ODD, TEXT | ODD))
def test_names_of_different_namespaces_differ(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Whatever the namespaces and the keys are, and leases, tags and floors too."""
    if one[0] == other[0]:
        return
    assert not _all_names(*one) & _all_names(*other)
    names, others = Names(one[0]), Names(other[0])
    assert not any(name.startswith((names.prefix, names.tags)) for name in _all_names(*other))
    assert others.key(names.of(one[1]).encode()) is None


@given(TEXT | ODD, TEXT | ODD)
def test_a_key_comes_back_from_its_name(namespace: str, key: str) -> None:
    """As it was."""
    names = Names(namespace)
    assert names.key(names.of(key).encode()) == key


@pytest.mark.parametrize("name", [b"shop:\xff", b"other:x", b"lease~shop:x", b""])
def test_a_name_that_is_not_ours_is_no_key(name: bytes) -> None:
    """Bytes that are no text, and others' names."""
    assert Names("shop").key(name) is None


def test_a_pattern_matches_what_begins_with_it() -> None:
    """Special characters stand for themselves."""
    assert Names("[a]*").pattern("[a]*?:") == r"\[a\]\*\?:*"
    assert fnmatch.fnmatchcase("shop:x", Names("shop").pattern("shop:"))
