"""Grids: one file becomes many scenarios, and a grid that is none becomes a line."""

from pathlib import Path

import pytest

from pipeline.errors import ScenarioFileError
from pipeline.scenario import Scenario
from pipeline.scenario_file import parse_scenario_files

HEAD = """
name = "mine"
purpose = "It shows $fault."
type = "resilience"
time_s = 4
l2_server = "own"
[parameters]
users = 3
[subject]
l1_max_size = 50
[[phases]]
name = "fill"
warmup = true
load = { operations = 9 }
[[phases]]
name = "load"
load = { users = "$users", duration_s = 3, mix = { get = 9 } }
faults = [{ kind = "$fault", at_s = 1, duration_s = 1 }]
[[expectations]]
metric = "errors"
equals = 0
[[expectations]]
metric = "loads"
at_least = 1
"""
FAULTS = "[grid.fault.l2_kill]\n[grid.fault.l2_stop]\n"
SIZES = "[grid.size.small]\nsubject = { l1_default_ttl = 9 }\n[grid.size.big]\n"


def _scenarios(text: str) -> dict[str, Scenario]:
    files = parse_scenario_files(text.encode(), "mine.toml", Path())
    return {file.name: file.scenario() for file in files}


def _line(text: str) -> str:
    with pytest.raises(ScenarioFileError) as raised:
        _scenarios(text)
    (line,) = str(raised.value).splitlines()
    return line


def test_each_combination_of_cells_is_a_scenario() -> None:
    """Named after them in the order of the axes; `$AXIS` is the cell's name in every text."""
    found = _scenarios(HEAD + FAULTS + SIZES)
    assert list(found) == [
        "mine_l2_kill_small",
        "mine_l2_kill_big",
        "mine_l2_stop_small",
        "mine_l2_stop_big",
    ]
    assert found["mine_l2_stop_big"].purpose == "It shows l2_stop."
    kinds = [each.faults[0].kind for each in found.values()]
    assert kinds == ["l2_kill", "l2_kill", "l2_stop", "l2_stop"]


def test_a_cell_says_what_differs_and_nothing_else() -> None:
    """Tables and phases keep what it does not name; lists are its own."""
    text = HEAD + SIZES.replace(
        "9 }", '9 }\nphases = [{ name = "load", load = { mix = { set = 1 } } }]'
    )
    found = _scenarios(text.replace('"$fault"', '"l2_kill"'))
    small, big = found["mine_small"], found["mine_big"]
    assert (small.subject.l1_max_size, small.subject.l1_default_ttl) == (50, 9)
    assert big.subject.l1_default_ttl is None
    load = small.phases[1].load
    assert load.kind == "closed"
    assert (dict(load.mix), load.users) == ({"get": 9, "set": 1}, 3)
    assert small.faults == big.faults != ()
    assert [phase.name for phase in small.phases] == ["fill", "load"]


def test_a_cells_expectation_takes_the_place_of_the_one_about_the_same() -> None:
    """By metric, phase, operation and tier; all others stay."""
    cell = (
        'expectations = [{ metric = "errors", at_most = 5 }, { metric = "reads_l2", at_least = 1 }]'
    )
    found = _scenarios(HEAD + f"[grid.fault.l2_kill]\n{cell}\n[grid.fault.l2_stop]\n")
    bounds = [(each.metric, each.bound) for each in found["mine_l2_kill"].expectations]
    assert bounds == [("loads", ">= 1"), ("errors", "<= 5"), ("reads_l2", ">= 1")]
    assert len(found["mine_l2_stop"].expectations) == 2


def test_a_cell_may_keep_to_some_of_the_others() -> None:
    """What makes no sense together is left out."""
    only = FAULTS.replace("[grid.fault.l2_kill]", '[grid.fault.l2_kill]\nwith = { size = ["big"] }')
    assert list(_scenarios(HEAD + only + SIZES)) == [
        "mine_l2_kill_big",
        "mine_l2_stop_small",
        "mine_l2_stop_big",
    ]


def test_the_purposes_of_cells_are_read_one_after_the_other() -> None:
    """They take the place of the file's."""
    cells = '[grid.fault.l2_kill]\npurpose = "It dies."\n[grid.size.big]\npurpose = "It is big."\n'
    assert _scenarios(HEAD + cells)["mine_l2_kill_big"].purpose == "It dies. It is big."


def test_parameters_stay_parameters_in_every_cell() -> None:
    """`--set` goes to each, and a cell may have a default of its own."""
    text = HEAD + "[grid.fault.l2_kill]\n[grid.fault.l2_stop]\nparameters = { users = 7 }\n"
    files = parse_scenario_files(text.encode(), "mine.toml", Path())
    assert [file.parameters for file in files] == [{"users": 3}, {"users": 7}]
    loads = [file.scenario({"users": "5"}).phases[1].load for file in files]
    assert [getattr(load, "users", None) for load in loads] == [5, 5]


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        ("[grid]\n", "grid: expected a table of axes, got {}"),
        ("[grid]\nfault = 7\n", "grid.fault: expected a table of cells, got 7"),
        ("[grid]\nfault = {}\n", "grid.fault: expected a table of cells, got {}"),
        ("[grid.fault]\nl2_kill = 7\n", "grid.fault.l2_kill: expected a table of what differs"),
        ("[grid.fault.L2]\n", "grid.fault.L2: expected small letters, digits and _"),
        ("[grid.users.few]\n" + FAULTS, "grid.users: is a parameter's name too; rename one"),
        (
            "[grid.fault.l2_kill]\nwith = { siz = ['big'] }\n" + SIZES,
            "grid.fault.l2_kill.with.siz: no axis is called so; did you mean size?",
        ),
        (
            "[grid.fault.l2_kill]\nwith = { size = ['bigg'] }\n" + SIZES,
            "grid.fault.l2_kill.with.size: no cell is called bigg; did you mean big?",
        ),
        (
            "[grid.fault.l2_kill]\nwith = { size = 'big' }\n" + SIZES,
            'grid.fault.l2_kill.with.size: expected a list, got "big"',
        ),
        ("[grid.fault.l2_kill]\nwith = 7\n", "grid.fault.l2_kill.with: expected a table, got 7"),
        (
            "[grid.fault.l2_kill]\nwith = { size = [] }\n" + SIZES,
            "grid: no cells are left to combine",
        ),
        (
            "[grid.fault.l2_kill]\nphases = [{ name = 'laod' }]\n",
            "grid.fault.l2_kill.phases: no phase is called laod; did you mean load",
        ),
        (
            "".join(f"[grid.fault.f{n}]\n[grid.a.a{n}]\n" for n in range(32)),
            "grid: expected at most 1,000 combinations, got 1,024",
        ),
    ],
)
def test_a_grid_that_is_none_is_told(grid: str, expected: str) -> None:
    """One line with the cell that is wrong."""
    assert _line(HEAD + grid).startswith(f"mine.toml: {expected}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            HEAD + FAULTS.replace("l2_stop", "l2_stopp"),
            "mine.toml (l2_stopp): phases.1.faults.0.kind",
        ),
        (
            HEAD + f"[grid.fault.{'x' * 70}]\n",
            f"mine.toml ({'x' * 70}): name: expected a text that",
        ),
        (HEAD + "[grid.size.big]\n", "mine.toml: phases.1.faults.0.kind: no parameter is fault"),
    ],
)
def test_what_one_cell_gets_wrong_is_told_with_its_name(text: str, expected: str) -> None:
    """A mistake in a cell is looked for there; a reference to no axis is one in the file."""
    with pytest.raises(ScenarioFileError) as raised:
        _scenarios(text)
    assert str(raised.value).startswith(expected)


def test_a_large_grid_of_a_large_file_is_refused() -> None:
    """What all cells take together is bounded as well."""
    keys = "\n".join(f"k{n} = '{'x' * 80}'" for n in range(5_000))
    cells = "".join(f"[grid.fault.f{n}]\n" for n in range(200))
    assert "combinations, got 200" in _line(HEAD + cells + f"[odd]\n{keys}\n")
