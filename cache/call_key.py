"""Turns a call of a function into a cache key, and into tags.

(args, kwargs) -> bound to the function's parameters, defaults applied -> template -> "user:7"
                                                                       -> no template: JSON
"""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from string import Formatter
from typing import Any, Final

from cache.errors import ConfigError, InvalidKeyError

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
KeyOf = Callable[[Args, Kwargs], str]
TagsOf = Callable[[Args, Kwargs], tuple[str, ...]]

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_COMPACT: Final = (",", ":")
_POSITIONAL: Final = frozenset(
    {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
)


class Parameters:
    """Binds calls to a function's parameters.

    Args:
        function: What is called.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = f"{function.__module__}.{function.__qualname__}"
        self._signature = inspect.signature(function)
        self._kinds = {name: each.kind for name, each in self._signature.parameters.items()}
        self._is_plain = _POSITIONAL.issuperset(self._kinds.values())
        self.names = list(self._kinds)

    def bind(self, args: Args, kwargs: Kwargs) -> dict[str, Any]:
        """Return the value of each parameter in a call.

        Raises:
            TypeError: The function can't be called so.
        """
        if self._is_plain and not kwargs and len(args) == len(self.names):
            # Most calls are like this, and binding costs more than a read of L1 does.
            return dict(zip(self.names, args, strict=True))
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.arguments

    def single_values(self, arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Return each value with its parameter; a variadic one has any number of them."""
        for name, value in arguments.items():
            if self._kinds[name] is inspect.Parameter.VAR_POSITIONAL:
                yield from ((name, item) for item in value)
            elif self._kinds[name] is inspect.Parameter.VAR_KEYWORD:
                yield from value.items()
            else:
                yield name, value


def key_maker(key: str | Callable[..., str] | None, parameters: Parameters) -> KeyOf:
    """Return what makes the key of a call.

    Args:
        key: A template, a function of the call's arguments, or None for the function's name with
            its arguments.
        parameters: Those of the function.

    Raises:
        ConfigError: The template does not fit the function, or the function has no name.
    """
    if isinstance(key, str):
        return _filled(key, parameters)
    if key is None:
        return _written_out(parameters)
    if not callable(key):
        raise ConfigError(f"key is {key!r:.80}: give a template, a function, or None")
    return lambda args, kwargs: key(*args, **kwargs)


def tags_maker(
    tags: Iterable[str] | Callable[..., Iterable[str]], parameters: Parameters
) -> TagsOf:
    """Return what makes the tags of a call, from templates or by a function of its arguments.

    Raises:
        ConfigError: A template does not fit the function, or is no text.
    """
    if callable(tags):
        return lambda args, kwargs: tuple(tags(*args, **kwargs))
    if isinstance(tags, str):
        raise ConfigError(
            f"tags is {tags!r:.80}: give a tuple of templates, such as ({tags!r:.80},)"
        )
    makers = [_filled(tag, parameters) for tag in tags]
    return lambda args, kwargs: tuple(make(args, kwargs) for make in makers)


def _filled(template: str, parameters: Parameters) -> KeyOf:
    fields = _fields(template)
    for field in fields:
        _check_field(field, template, parameters)
    whole = {field for field in fields if field in parameters.names}
    if not fields:
        literal = template.format()
        return lambda _args, _kwargs: literal

    def fill(args: Args, kwargs: Kwargs) -> str:
        arguments = parameters.bind(args, kwargs)
        for name in whole:
            if type(arguments[name]) not in _PLAIN:
                _check_text(name, arguments[name], parameters)
        return template.format_map(arguments)

    return fill


def _fields(template: object) -> list[str]:
    """Return the fields of a template, those inside of formats too."""
    if not isinstance(template, str):
        raise ConfigError(f"a template is a str, not {type(template).__name__}: {template!r:.80}")
    try:
        return list(_parsed(template))
    except ValueError as error:
        raise ConfigError(f"template {template!r:.80} can't be read: {error}") from None


def _parsed(template: str) -> Iterator[str]:
    for _, field, spec, _ in Formatter().parse(template):
        if field is not None:
            yield field
            yield from _parsed(spec or "")


def _check_field(field: str, template: str, parameters: Parameters) -> None:
    name = re.split(r"[.\[]", field, maxsplit=1)[0]
    if name not in parameters.names:
        known = ", ".join(parameters.names) or "none"
        raise ConfigError(
            f"template {template!r:.80} asks for {field!r:.40}, but the parameters of"
            f" {parameters.name} are: {known}"
        )


def _check_text(name: str, value: Any, parameters: Parameters) -> None:
    """Refuse what has no text but its address in memory, which no other call would have."""
    kind: Any = type(value)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        raise InvalidKeyError(
            f"argument {name!r} of {parameters.name} is a {kind.__name__}, which has no text of"
            f" its own: name an attribute, such as {{{name}.id}}"
        )


def _written_out(parameters: Parameters) -> KeyOf:
    if "<lambda>" in parameters.name:
        raise ConfigError(f"{parameters.name} has no name to make keys of: give key=")

    def write_out(args: Args, kwargs: Kwargs) -> str:
        arguments = parameters.bind(args, kwargs)
        for name, value in parameters.single_values(arguments):
            if type(value) not in _PLAIN:
                raise InvalidKeyError(
                    f"argument {name!r} of {parameters.name} is a {type(value).__name__}, which"
                    " makes no key: give key="
                )
        # JSON tells 1, True, 1.0 and "1" apart, and is the same in every process.
        values = [arguments[name] for name in parameters.names]
        return f"{parameters.name}({json.dumps(values, separators=_COMPACT, sort_keys=True)[1:-1]})"

    return write_out
