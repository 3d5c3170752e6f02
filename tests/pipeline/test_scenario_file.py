"""Scenario files: what is right becomes a scenario, what is wrong becomes a line."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import catalogue
from pipeline.errors import ScenarioFileError, UnknownNameError
from pipeline.load import ClosedLoad, TraceLoad
from pipeline.scenario import Scenario
from pipeline.scenario_file import MAX_BYTES, parse_scenario_files, read_scenario_file

HEAD = """
name = "mine"
purpose = "It shows something."
type = "load"
time_s = 1
"""
PHASE = """
[[phases]]
name = "load"
load = { users = 2, operations = 10 }
"""


def _scenario(text: str, **overrides: str) -> Scenario:
    (file,) = parse_scenario_files(text.encode(), "mine.toml", Path("folder"))
    return file.scenario(overrides)


def _lines(text: str, **overrides: str) -> list[str]:
    with pytest.raises(ScenarioFileError) as raised:
        _scenario(text, **overrides)
    return str(raised.value).splitlines()


def test_a_small_file_becomes_a_scenario() -> None:
    """What is left out has its default; a load without a kind is a closed loop."""
    scenario = _scenario(HEAD + PHASE)
    assert scenario.phases[0].load == ClosedLoad(users=2, operations=10)
    assert (scenario.l2_server, scenario.deadline_s) == ("shared", 120.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            HEAD + PHASE.replace("users = 2", 'users = "ten"'),
            'phases.0.load.users: expected an integer >= 1 and <= 10000, got "ten"',
        ),
        (
            HEAD + PHASE.replace("users = 2", "users = 0"),
            "phases.0.load.users: expected an integer >= 1 and <= 10000, got 0",
        ),
        (
            HEAD + PHASE.replace("users", "usrs"),
            "phases.0.load.usrs: unknown key; did you mean users?",
        ),
        (
            HEAD + PHASE.replace("operations = 10", "rate = 10"),
            'phases.0.load.rate: not a key of kind = "closed", but of "open"',
        ),
        (
            HEAD + PHASE.replace("users = 2", 'kind = "opne"'),
            ('phases.0.load.kind: expected one of "closed", "open", "search", "trace", got '
            '"opne"'),
        ),
        (
            HEAD + PHASE.replace("users = 2", "mix = { gte = 1 }"),
            'phases.0.load.mix.gte: expected one of "get", "set", ',
        ),
        (
            HEAD + PHASE.replace("users = 2", "mix = { get = -1 }"),
            "phases.0.load.mix.get: expected a number > 0, got -1",
        ),
        (HEAD + PHASE.replace("{ users = 2, operations = 10 }", "7"),
         "phases.0.load: expected a table, got 7"),
        (HEAD + PHASE.replace('name = "load"', ""), "phases.0.name: missing, "),
        (HEAD, "phases: missing, expected a list that is not empty"),
        (HEAD.replace('"load"', '"laod"') + PHASE, "type: expected one of "),
        (HEAD.replace('"mine"', '"Mine!"') + PHASE, "name: expected a text that matches "),
        (HEAD.replace("time_s = 1", "time_s = nan") + PHASE, "time_s: expected a number > 0, got "),
        (HEAD.replace("time_s = 1", "time_s = 2026-11-22") + PHASE, "time_s: expected a number"),
        (HEAD + "[subject]\nl1_default_ttl = 'never'" + PHASE,
         'subject.l1_default_ttl: expected a number > 0 or "none", got "never"'),
        (HEAD + "[subject]\nl1_maxsize = 3" + PHASE,
         "subject.l1_maxsize: unknown key; did you mean l1_max_size?"),
        (HEAD + PHASE + 'before = ["empty_l4"]', "phases.0.before.0: expected one of "),
        ("purpos = 'x'" + HEAD + PHASE, "purpos: unknown key; did you mean purpose?"),
        (
            HEAD + PHASE + 'faults = [{ kind = "l2_kil", at_s = 0, duration_s = 1 }]',
            'phases.0.faults.0.kind: expected a word that is known, got "l2_kil"; did you mean l2_',
        ),
        (
            HEAD + PHASE + 'faults = [{ kind = "l2_kill", at_s = 0, duration_s = 1, shar = 1 }]',
            "phases.0.faults.0.shar: unknown key; did you mean share or shard?",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_key_by_what_was_expected_and_by_what_was_there(
    text: str, expected: str
) -> None:
    """One line a mistake, beginning with the file."""
    (line,) = _lines(text)
    assert line.startswith(f"mine.toml: {expected}")


def test_every_mistake_has_its_line() -> None:
    """A file is mended in one go."""
    broken = HEAD.replace("time_s = 1", "time_s = -1") + PHASE.replace("2", "true")
    assert [line.split(": ")[1] for line in _lines(broken)] == ["time_s", "phases.0.load.users"]


def test_a_syntax_error_has_its_line_number() -> None:
    """TOML that isn't is told by file and line."""
    (line,) = _lines(HEAD + "[[phases\n")
    assert line.startswith("mine.toml: not TOML: ")
    assert "line 6" in line


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe", "not TOML"),
        (b"x" * (MAX_BYTES + 1), "at most 1 MiB"),
        (b"a = " + b"[" * 100 + b"]" * 100, "nested deeper"),
        (b"a = " + b"[" * 50_000, "not TOML"),
        (b"a." * 40 + b"a = 1", "nested deeper"),
        (b"a = " + b"1" * 5_000, "not TOML"),
    ],
)
def test_bytes_that_are_no_scenario_are_refused(content: bytes, expected: str) -> None:
    """Whatever the bytes, the answer is a line."""
    with pytest.raises(ScenarioFileError, match=expected):
        parse_scenario_files(content, "mine.toml", Path())


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A missing file and a folder are both told with their path."""
    with pytest.raises(ScenarioFileError, match=r"none\.toml: No such file"):
        read_scenario_file(tmp_path / "none.toml")
    with pytest.raises(ScenarioFileError, match="Is a directory"):
        read_scenario_file(tmp_path)


def _parametrised(**overrides: str) -> Scenario:
    text = f"""{HEAD}
    [parameters]
    users = 3
    pause_s = 0.5
    warming = true
    kind = "users"
    requests = ""
    [subject]
    enable_warming = "$warming"
    [data]
    kind = "$kind"
    [[phases]]
    name = "load"
    load = {{ users = "$users", operations = 1, think_time_s = "$pause_s" }}
    [[phases]]
    name = "replay"
    load = {{ kind = "trace", requests = "$requests" }}
    """
    return _scenario(text, **overrides)


def test_parameters_have_their_defaults_and_types() -> None:
    """A parameter takes its place with its type; an empty one leaves its key out."""
    scenario = _parametrised()
    assert scenario.phases[0].load == ClosedLoad(users=3, operations=1, think_time_s=0.5)
    assert scenario.phases[1].load == TraceLoad()
    assert scenario.subject.enable_warming is True
    assert scenario.data.kind == "users"


def test_overrides_are_read_in_the_types_of_the_defaults() -> None:
    """`--set` gives texts; the file says what they are."""
    scenario = _parametrised(
        users="7", pause_s="2", warming="false", kind="sessions", requests="50"
    )
    assert scenario.phases[0].load == ClosedLoad(users=7, operations=1, think_time_s=2.0)
    assert scenario.phases[1].load == TraceLoad(requests=50)
    assert scenario.subject.enable_warming is False
    assert scenario.data.kind == "sessions"


def test_a_setting_of_the_subject_can_be_overridden_without_a_parameter() -> None:
    """Every field of the subject's settings is known by its name."""
    scenario = _parametrised(l1_max_size="9", l1_default_ttl="none", preset="performance")
    subject = scenario.subject
    assert (subject.l1_max_size, subject.l1_default_ttl, subject.preset) == (
        9,
        "none",
        "performance",
    )


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ({"users": "ten"}, '--set users: expected an integer, got "ten"'),
        ({"users": "1.5"}, "--set users: expected an integer"),
        ({"users": "true"}, "--set users: expected an integer"),
        ({"warming": "yes"}, "--set warming: expected true or false"),
        ({"users": "0"}, "mine.toml: phases.0.load.users: expected an integer >= 1"),
        ({"kind": "userz"}, "mine.toml: data.kind: expected one of"),
        ({"l1_max_size": "many"}, "mine.toml: subject.l1_max_size: expected an integer >= 1"),
    ],
)
def test_an_override_of_the_wrong_type_is_told(override: dict[str, str], expected: str) -> None:
    """Either by its own name or by the place where it lands."""
    with pytest.raises(ScenarioFileError) as raised:
        _parametrised(**override)
    assert str(raised.value).startswith(expected)


def test_an_unknown_override_is_told_with_the_nearest() -> None:
    """A misspelt parameter is not ignored."""
    with pytest.raises(UnknownNameError, match="did you mean users"):
        _parametrised(usres="3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[parameters]\nusers = 3\n", "parameters.users: never used"),
        ("[parameters]\nusers = []\n", "parameters.users: expected a plain value"),
        ("[data]\nkeys = '$kyes'\n[parameters]\nkeys = 3\n", "data.keys: no parameter is kyes; "),
    ],
)
def test_parameters_that_lead_nowhere_are_told(text: str, expected: str) -> None:
    """A parameter without a use, or a use without a parameter, is a mistake."""
    (line,) = _lines(HEAD + text + PHASE)
    assert line.startswith(f"mine.toml: {expected}")


def test_a_trace_lies_beside_the_file_that_names_it() -> None:
    """A file's own names are relative to it; `--set` names are relative to the caller."""
    phase = '[[phases]]\nname = "replay"\nload = { kind = "trace", trace = %s }\n'
    plain = HEAD + phase % '"a.trace"'
    parameter = HEAD + '[parameters]\ntrace = "a.trace"\n' + phase % '"$trace"'
    assert _trace(_scenario(plain)) == "folder/a.trace"
    assert _trace(_scenario(parameter)) == "folder/a.trace"
    assert _trace(_scenario(parameter, trace="b.trace")) == "b.trace"
    assert _trace(_scenario(parameter, trace="a.trace")) == "a.trace"


def _trace(scenario: Scenario) -> str | None:
    load = scenario.phases[0].load
    assert isinstance(load, TraceLoad)
    return load.trace


TOML_TEXT = st.text(st.characters(codec="utf-8", exclude_characters='"\\', categories=["L", "N"]))
LEAVES = st.one_of(
    st.integers(), st.floats(), st.booleans(), TOML_TEXT, st.just("$users"), st.just("$")
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TOML_TEXT, inner, max_size=3),
    max_leaves=5,
)


def _as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    if isinstance(value, dict):
        items = (f'"{key}" = {_as_toml(item)}' for key, item in value.items())
        return f"{{ {', '.join(items)} }}"
    return str(value)


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if not isinstance(node, dict | list):
        return [path]
    items = node.items() if isinstance(node, dict) else enumerate(node)
    return [path, *(place for key, item in items for place in _places(item, (*path, key)))]


FOLDER = Path(catalogue.__file__).parent / "scenarios"
BUILT_IN = {path.stem: tomllib.loads(path.read_text()) for path in FOLDER.glob("*.toml")}


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.data())
def test_no_damage_to_a_file_gives_anything_but_a_line(data: st.DataObject) -> None:
    """Any value anywhere is either a scenario or told in lines that begin with the file."""
    damaged = _copy(BUILT_IN[data.draw(st.sampled_from(sorted(BUILT_IN)))])
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([place for place in _places(damaged) if place]))
        _put(damaged, path, data.draw(VALUES))
    text = "\n".join(f'"{key}" = {_as_toml(value)}' for key, value in damaged.items())
    assert all(line.startswith(("mine.toml: ", "mine.toml (")) for line in _told(text))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_give_anything_but_a_line(content: bytes) -> None:
    """Bytes at random are never a traceback."""
    with pytest.raises(ScenarioFileError):
        _read(content)


def test_a_key_without_end_is_told_at_once() -> None:
    """TOML's parser takes the square of a dotted key's length."""
    (line,) = _told(f"{'.'.join(['a'] * 200_000)} = 1")
    assert "64 parts" in line


def test_a_byte_order_mark_does_no_harm() -> None:
    """Some editors begin every file with one."""
    (file,) = parse_scenario_files(b"\xef\xbb\xbfname = 'x'", "mine.toml", Path())
    assert file.name == "x"


def _told(text: str) -> list[str]:
    try:
        _read(text.encode())
    except ScenarioFileError as error:
        return str(error).split("\n")
    return []


def _read(content: bytes) -> None:
    for file in parse_scenario_files(content, "mine.toml", Path()):
        file.scenario()


def _copy(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _copy(item) for key, item in node.items()}
    return [_copy(item) for item in node] if isinstance(node, list) else node


def _put(node: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
