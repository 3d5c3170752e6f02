"""One value of each kind that a cache must give back as it was: equal and of the same type."""

from types import MappingProxyType

VALUES_OF_EACH_KIND = MappingProxyType(
    {
        "none": None,
        "false": False,
        "zero": 0,
        "empty_text": "",
        "empty_list": [],
        "empty_dict": {},
        "large_integer": -(2**70),
        "whole_float": 1.0,
        "float": 0.1,
        "text": "grüße, мир, 世界, \x00",
        "large_text": "x" * 200_000,
        "nested": {"list": [1, 2.5, "three", None, True, {"deeper": [[]]}]},
    }
)
