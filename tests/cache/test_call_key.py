"""Keys and tags of calls: what is one call, and what is another."""

import itertools
from typing import Any

import pytest

from cache.call_key import Parameters, key_maker, tags_maker
from cache.errors import ConfigError, InvalidKeyError


def plain(a: Any, b: Any = 2) -> None:
    """Take two arguments."""


def variadic(a: Any, /, *rest: Any, flag: Any = False, **others: Any) -> None:
    """Take any arguments."""


class Bare:
    """Has no text but its address."""

    id = 7


class Named(Bare):
    """Has a text of its own."""

    def __str__(self) -> str:
        return "named"


def key(template: Any, function: Any, *args: Any, **kwargs: Any) -> str:
    """The key of one call."""
    return key_maker(template, Parameters(function))(args, kwargs)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{a}:{b}", "x:2"),
        ("{b:03d}", "002"),
        ("{a!r}", "'x'"),
        ("{a:>{b}}", " x"),
        ("{{a}}", "{a}"),
        ("fixed", "fixed"),
    ],
)
def test_a_template_is_filled_from_the_call(template: str, expected: str) -> None:
    """Defaults, formats and braces are those of `str.format`."""
    assert key(template, plain, "x") == expected


def test_however_arguments_are_passed_the_key_is_the_same() -> None:
    """By position, by name and by default are one call."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((1, 2), {}),
        ((1,), {}),
        ((1,), {"b": 2}),
        ((), {"b": 2, "a": 1}),
    ]
    for template in ("{a}-{b}", None):
        make = key_maker(template, Parameters(plain))
        assert len({make(args, kwargs) for args, kwargs in calls}) == 1
    make = key_maker(None, Parameters(variadic))
    assert make((1,), {"x": 1, "y": 2}) == make((1,), {"y": 2, "x": 1, "flag": False})


def test_without_a_template_different_arguments_are_different_keys() -> None:
    """Equal numbers of other types, texts that look alike, and the places of arguments."""
    values: list[Any] = [1, True, 1.0, "1", None, "None", 'a","b', "a", "", 0, False, float("inf")]
    pairs = list(itertools.product(values, repeat=2))
    assert len({key(None, plain, *pair) for pair in pairs}) == len(pairs)
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((1,), {}),
        ((1, 2), {}),
        ((1, 2, 3), {}),
        ((1,), {"flag": 2}),
        ((1,), {"other": 2}),
    ]
    assert len({key(None, variadic, *args, **kwargs) for args, kwargs in calls}) == len(calls)


def test_a_key_without_a_template_names_the_function() -> None:
    """It is the same in every process, so that they share what they load."""
    assert key(None, plain, "ä", 1.5) == f'{__name__}.plain("\\u00e4",1.5)'
    assert key(None, variadic, 1, 2, z=3) == f'{__name__}.variadic(1,[2],false,{{"z":3}})'


@pytest.mark.parametrize("argument", [Bare(), [1], (1,), {"a": 1}, b"a", {1}, plain])
def test_an_argument_that_makes_no_key_is_refused(argument: object) -> None:
    """Its text might differ between processes, or not tell two of them apart."""
    with pytest.raises(InvalidKeyError, match=r"'a' of .*plain is a .*give key="):
        key(None, plain, argument)
    for args in ((1, argument), (1, 2, argument)):
        with pytest.raises(InvalidKeyError, match="'rest' of"):
            key(None, variadic, *args)
    with pytest.raises(InvalidKeyError, match="'other' of"):
        key(None, variadic, 1, other=argument)


def test_an_object_is_named_by_an_attribute_or_by_its_own_text() -> None:
    """Its address in memory would be a key that nobody ever finds again."""
    assert key("{a.id}", plain, Bare()) == "7"
    assert key("{a}", plain, Named()) == "named"
    with pytest.raises(InvalidKeyError, match=r"such as \{a\.id\}"):
        key("{a}", plain, Bare())


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{c}", "asks for 'c'"),
        ("{c.id}", "asks for 'c.id'"),
        ("{}", "asks for ''"),
        ("{0}", "asks for '0'"),
        ("{a:{width}}", "asks for 'width'"),
        ("{a", "can't be read"),
        ("a}", "can't be read"),
        (7, "give a template"),
    ],
)
def test_a_template_that_does_not_fit_is_refused_at_once(template: Any, complaint: str) -> None:
    """Before any call, in one line that names the template and the parameters."""
    with pytest.raises(ConfigError, match=complaint) as caught:
        key_maker(template, Parameters(plain))
    assert "\n" not in str(caught.value)


def test_a_function_may_make_the_key() -> None:
    """It is given the call's arguments as they are."""
    assert key(lambda a, b=3: f"{a}/{b}", plain, 1) == "1/3"


def test_a_lambda_has_no_name_to_make_keys_of() -> None:
    """Two of them in one module would share their results."""
    with pytest.raises(ConfigError, match="give key="):
        key(None, lambda: 1)


def test_tags_are_templates_or_a_function() -> None:
    """Each is filled from the call; a text alone is a mistake, not a row of letters."""
    parameters = Parameters(plain)
    assert tags_maker(("all", "b:{b}"), parameters)((1,), {}) == ("all", "b:2")
    assert tags_maker(lambda a, b=4: [str(a), str(b)], parameters)((1,), {}) == ("1", "4")
    assert tags_maker((), parameters)((1,), {}) == ()
    with pytest.raises(ConfigError, match=r"such as \('users',\)"):
        tags_maker("users", parameters)
    with pytest.raises(ConfigError, match="asks for 'c'"):
        tags_maker(("{c}",), parameters)
    with pytest.raises(ConfigError, match="a template is a str, not int"):
        tags_maker((7,), parameters)


def test_a_call_that_the_function_would_refuse_is_refused() -> None:
    """Missing and unknown arguments are the caller's mistake, as without a cache."""
    for args, kwargs in (((), {}), ((1, 2, 3), {}), ((1,), {"c": 1}), ((1, 2), {"b": 2})):
        with pytest.raises(TypeError):
            key(None, plain, *args, **kwargs)
