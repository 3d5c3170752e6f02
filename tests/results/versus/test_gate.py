"""The gate's verdicts, its exit and its Markdown."""

import pytest

from results.versus.asking import Asked
from results.versus.comparison import compare
from results.versus.estimating import Surroundings
from results.versus.gate import GateResult, gate
from results.versus.gate_markdown import escaped, headline, render_gate
from results.versus.sides import Sides
from results.versus.verdicts import Limits
from results.versus.words import Chosen
from tests.results.versus.sides import P50, a_question, a_side

FLAT = [100.0, 101.0, 99.0, 100.0, 100.5]
SIDES = Sides(a=Chosen(said="baseline main"), b=Chosen(said="run 0193"), by_subject=False)
ASKED = Asked(questions=(), machine=None, only=(0, 2))


def gated(share: float = 0.05, machine: float | None = None, **metrics: list[float]) -> GateResult:
    """The gate over metrics whose baseline is FLAT, or zeros where it is a count."""
    questions = [
        a_question(
            a_side([0.0] * len(b) if name in {"errors", "lost_writes"} else FLAT),
            a_side(b, first="b"),
            name,
            around=Surroundings(is_count=name in {"errors", "lost_writes"}),
        )
        for name, b in metrics.items()
    ]
    return gate(compare(questions, Limits(margin=share, machine=machine)), share)


def times(factor: float) -> list[float]:
    """The same repeats, all larger by a factor."""
    return [factor * value for value in FLAT]


@pytest.mark.parametrize(
    ("name", "factor", "verdict"),
    [
        (P50, 1.15, "regressed"),
        (P50, 1.0, "passed"),
        (P50, 0.5, "passed"),
        (P50, 1.03, "passed"),
        (P50, 1.051, "regressed"),
        (P50, 1.049, "unknown"),
        ("throughput_ops_per_second", 0.9, "regressed"),
        ("throughput_ops_per_second", 0.955, "unknown"),
        ("throughput_ops_per_second", 1.5, "passed"),
    ],
)
def test_verdicts_of_the_gate(name: str, factor: float, verdict: str) -> None:
    """Surely worse and beyond the threshold; wholly within it; or neither."""
    assert gated(**{name: times(factor)}).verdict == verdict


def test_a_threshold_finer_than_the_noise_is_unknown() -> None:
    """It says what the noise hides and how many repeats would show it."""
    result = gated(0.001, **{P50: FLAT[::-1]})
    assert result.verdict == "unknown"
    assert result.metrics[0].reason.startswith("the noise hides changes below ")
    assert "a change of 0.1 % would take about " in result.metrics[0].reason


def test_what_should_never_be_may_not_rise_from_zero() -> None:
    """However small it is beside anything else; where it may be chance that is said."""
    assert gated(lost_writes=[3.0] * 5).verdict == "regressed"
    assert gated(errors=[0.0] * 5).verdict == "passed"
    chance = gated(errors=[0.0, 0.0, 1.0, 0.0, 0.0])
    assert chance.verdict == "unknown"
    assert "it rose from 0, and that may be chance" in chance.metrics[0].reason


def test_a_regression_goes_before_what_is_unknown() -> None:
    """And that before what has passed; nothing at all is unknown."""
    wide = [50.0, 100.0, 200.0, 70.0, 140.0]
    found = {P50: times(1.5), "p95_response_time_ms": wide, "p99_response_time_ms": FLAT}
    result = gated(**found)
    assert [each.verdict for each in result.metrics] == ["regressed", "unknown", "passed"]
    assert result.verdict == "regressed"
    assert gated(p95_response_time_ms=wide, p99_response_time_ms=FLAT).verdict == "unknown"
    assert gated().verdict == "unknown"


def test_a_slower_machine_is_no_regression() -> None:
    """Times can't be judged then."""
    result = gated(machine=1.4, **{P50: times(1.4)})
    assert (result.verdict, result.metrics[0].reason) == (
        "unknown",
        "the machine itself was 1.4 times slower for B",
    )


def test_the_markdown_begins_with_one_line() -> None:
    """What regressed, by how much, how sure, and than what."""
    result = gated(**{P50: times(1.153), "p95_response_time_ms": times(1.1)})
    first, _, rest = render_gate(result, SIDES, ASKED).partition("\n")
    assert first == (
        "**Regressed**: basic_operations p50_response_time_ms is 15.3 % higher "
        "(14.1 to 16.6 %) than baseline main, and 1 more regressed"
    )
    assert "| basic_operations p50_response_time_ms | 100 ms | 115 ms | 15.3 % higher" in rest
    assert "- 2 series only the candidate has" in rest


@pytest.mark.parametrize(
    ("b", "line"),
    [
        (FLAT, "**Passed**: none of 1 metrics is 5 % worse than baseline main"),
        ([50.0, 100.0, 200.0, 70.0, 140.0], "**Unknown**: 1 of 1 metrics can't be told from"),
    ],
)
def test_the_line_of_other_verdicts(b: list[float], line: str) -> None:
    """One line too."""
    assert headline(gated(**{P50: b}), SIDES).startswith(line)


def test_nothing_to_judge_has_a_line() -> None:
    """It is unknown."""
    assert headline(gated(), SIDES) == "**Unknown**: nothing could be held against baseline main"


def test_a_figure_that_only_the_baseline_has_is_not_passed_over() -> None:
    """A candidate that never recovered has no time to recover, and must not pass by that."""
    question = a_question(a_side(FLAT), a_side(FLAT, first="b"))
    result = gate(compare([question], Limits()), 0.05, lost=("time_to_recover_s",))
    assert result.verdict == "unknown"
    page = render_gate(result, SIDES, ASKED)
    assert page.startswith("**Unknown**: time_to_recover_s: the candidate has no such figure")


def test_names_are_no_markdown() -> None:
    """Nothing that a user may call things by changes the page."""
    assert escaped("a|b\nc <img> `x` *y* [z](u) _e_") == (
        r"a\|b c \<img\> \`x\` \*y\* \[z\](u) \_e\_"
    )
    assert escaped("p50_response_time_ms") == "p50_response_time_ms"
    assert "@team" not in escaped("@team")


def test_what_never_varies_costs_nothing() -> None:
    """Twenty counts that are 0 on both sides take no part in the correction."""
    slight = [102.5, 106.0, 109.5, 107.0, 111.4]
    alone = gated(**{P50: slight})
    zeros = a_question(a_side([0.0] * 5), a_side([0.0] * 5, first="b"), "wrong_values")
    p50 = a_question(a_side(FLAT), a_side(slight, first="b"))
    among = gate(compare([p50, *[zeros] * 20], Limits()), 0.05)
    assert alone.verdict == among.verdict == "regressed"


def test_a_rate_may_fall_by_the_threshold_itself() -> None:
    """4.85 % lower is within 5 %, though its inverse is 5.1 % higher."""
    b = [95.15, 95.151, 95.149, 95.15, 95.151]
    a = [100.0, 100.001, 99.999, 100.0, 100.001]
    question = a_question(a_side(a), a_side(b, first="b"), "throughput_ops_per_second")
    assert gate(compare([question], Limits()), 0.05).verdict == "passed"


def test_the_gate_asks_for_one_side_only() -> None:
    """A p of 7 % is 3.6 % one-sided: worse for the gate, unknown where both sides are asked for."""
    b = [98.5, 112.0, 106.0, 104.0, 114.0]
    question = a_question(a_side(FLAT), a_side(b, first="b"))
    comparison = compare([question], Limits())
    assert 0.05 < (comparison.findings[0].p_adjusted or 0) < 0.1
    assert comparison.findings[0].verdict == "unknown"
    assert gate(comparison, 0.05).verdict == "regressed"
