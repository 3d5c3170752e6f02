"""The schema of scenario files: it says what the reader says, and the page holds what it says."""

import json
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from pipeline.docstrings import keys_of, summary_of
from pipeline.errors import ScenarioFileError
from pipeline.load import Load, OpenLoad
from pipeline.scenario_file import parse_scenario_files
from pipeline.schema import scenario_schema
from tests.docs.examples import ROOT

FOLDER = ROOT / "pipeline" / "scenarios"
VALIDATOR = Draft202012Validator(scenario_schema())
HEAD = 'name = "mine"\npurpose = "It shows something."\ntype = "load"\ntime_s = 1\n'


def _is_valid(text: str) -> bool:
    return VALIDATOR.is_valid(tomllib.loads(text))


def _read(text: str) -> None:
    for file in parse_scenario_files(text.encode(), "mine.toml", Path()):
        file.scenario()


def _with_load(load: str, head: str = HEAD) -> str:
    return f'{head}[[phases]]\nname = "load"\nload = {load}\n'


def test_the_page_is_what_the_vocabulary_makes() -> None:
    """Made anew by `bench scenarios --schema`, and a schema of its draft."""
    kept = json.loads((ROOT / "docs" / "reference" / "scenario.schema.json").read_text())
    assert kept == scenario_schema(), (
        "bench scenarios --schema >docs/reference/scenario.schema.json"
    )
    Draft202012Validator.check_schema(kept)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_built_in_file_is_valid(path: Path) -> None:
    """With its parameters and its grid still in place."""
    content = tomllib.loads(path.read_text())
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []


@pytest.mark.parametrize(
    "text",
    [
        _with_load("{ operations = 1 }"),
        _with_load('{ kind = "closed", operations = "$many" }', HEAD + "[parameters]\nmany = 3\n"),
        _with_load(
            '{ kind = "open", rate = 10, duration_s = 1, keys = { distribution = "zipf" } }'
        ),
        _with_load('{ kind = "search", p99_below_ms = 5 }'),
        _with_load('{ kind = "trace", timed = true, key_scale = 2 }'),
        _with_load("{ operations = 1 }", HEAD + "[data]\nttls = [{ weight = 2 }]\nsizes = {}\n"),
        _with_load('{ operations = 1, mix = { get = "$x" } }', HEAD + "[parameters]\nx = 0.5\n"),
        _with_load("{ operations = 1 }", HEAD + '[grid.size.big]\ndata = { kind = "users" }\n'),
    ],
)
def test_what_the_reader_takes_is_valid(text: str) -> None:
    """Each kind of load, and parameters in the place of plain values."""
    _read(text)
    assert _is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        _with_load("{ operations = 0 }"),
        _with_load('{ operations = "many" }'),
        _with_load("{ operation = 1 }"),
        _with_load("{ operations = 1.5 }"),
        _with_load("{ rate = 10, duration_s = 1 }"),
        _with_load('{ kind = "open", rate = 10 }'),
        _with_load('{ kind = "open", rate = 10, duration_s = 1, users = 2 }'),
        _with_load('{ kind = "opne", rate = 10, duration_s = 1 }'),
        _with_load('{ kind = "search", p99_below_ms = 5, resolution = 1 }'),
        _with_load("{ operations = 1, mix = { gte = 1 } }"),
        _with_load("7"),
        HEAD,
        _with_load("{ operations = 1 }", HEAD.replace('"load"', '"laod"')),
        _with_load("{ operations = 1 }", HEAD.replace('"mine"', '"Mine!"')),
        _with_load("{ operations = 1 }", HEAD + '[subject]\nl1_default_ttl = "never"\n'),
        _with_load("{ operations = 1 }", HEAD + '[l2_settings]\ndir = "/"\n'),
        _with_load("{ operations = 1 }", HEAD + '[data]\nkind = "cars"\n'),
        _with_load("{ operations = 1 }") + '[[expectations]]\nmetric = "erors"\nequals = 0\n',
        _with_load("{ operations = 1 }") + 'before = ["empty_l4"]\n',
        _with_load("{ operations = 1 }", HEAD + "[parameters]\nmany = [3]\n"),
        _with_load("{ operations = 1 }", HEAD + "[grid]\nsize = {}\n"),
        _with_load("{ operations = 1 }", HEAD + "[grid.size]\nbig = 7\n"),
        _with_load("{ operations = 1 }", HEAD + "[grid.size.Big]\n"),
    ],
)
def test_what_the_reader_refuses_is_not(text: str) -> None:
    """What an editor underlines is what `bench scenarios` would say."""
    with pytest.raises(ScenarioFileError):
        _read(text)
    assert not _is_valid(text)


def test_every_key_says_what_it_means() -> None:
    """By the docstrings of the vocabulary: editors show it beside the key."""
    schema = scenario_schema()
    tables = {"file": schema, **schema["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, table in tables.items()
        for key, node in table.get("properties", {}).items()
        if not node.get("description") and key not in SAID_BY_THEIR_TABLE
    ]
    assert silent == []


SAID_BY_THEIR_TABLE = {"kind", "at_least", "at_most"}


def test_a_docstring_is_read_by_its_keys() -> None:
    """Over lines and from what a class inherits; what stands before them is its summary."""
    meanings = keys_of(OpenLoad)
    assert meanings["loader"] == "Whether reads bring a loader (the origin) with them."
    assert meanings["rate"].startswith("Operations due in a second, over all workers")
    assert meanings["rate"].endswith("what the arrivals begin with.")
    assert summary_of(OpenLoad).startswith("An open loop: operations are due")
    assert "Args" not in summary_of(OpenLoad)


def test_a_load_without_kind_is_closed_for_an_editor_too() -> None:
    """The others have to say theirs."""
    tables = scenario_schema()["$defs"]
    members = get_args(get_args(Load)[0])
    kinds = {each.__name__: "kind" in tables[each.__name__]["required"] for each in members}
    assert kinds == {"ClosedLoad": False, "OpenLoad": True, "SearchLoad": True, "TraceLoad": True}
