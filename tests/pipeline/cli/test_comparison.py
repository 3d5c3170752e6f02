"""The tables that show subjects side by side."""

import pytest
from rich.console import Console

from pipeline.cli.comparison import draw_comparison
from tests.pipeline.cli.reports import a_report, a_result, compared

NAMES = ["multilevel", "cashews-redis", "aiocache-redis", "redis-py"]
SCENARIO = "performance_benchmarking"


def drawn(names: list[str], repeats: int, width: int = 100, slower: float = 2.4) -> str:
    """The comparison of these subjects as it is printed."""
    results = [
        a_result(name, peer=place > 0, repeats=[{}] * repeats) for place, name in enumerate(names)
    ]
    report = a_report(*results, comparison=compared(names, (1.0, slower), repeats))
    console = Console(width=width)
    with console.capture() as captured:
        console.print(draw_comparison(SCENARIO, report["results"]["small"], width))
    return captured.get()


def row(text: str, label: str) -> str:
    """The first line that begins with a label, its spaces made one."""
    line = next(line for line in text.splitlines() if line.startswith(label))
    return " ".join(line.removeprefix(label).split())


def test_each_figure_has_its_ratio_to_the_first() -> None:
    """With an interval over repeats; units are those in which a figure is short."""
    text = drawn(NAMES[:2], repeats=3)
    assert f"{SCENARIO}, closed loop, 3 repeats: ratios to multilevel (95 % confidence)" in text
    assert row(text, "throughput ops/s") == "29,300 12,208 0.42x (0.40-0.42)"
    assert row(text, "p50") == "790 ns 1.9 us 2.40x (2.37-2.48)"
    assert row(text, "p99").startswith("1.5 ms 3.6 ms 2.40x")
    assert row(text, "memory").startswith("12.3 MiB 12.3 MiB 1.00x")


def test_one_repeat_has_no_interval() -> None:
    """A ratio alone, and no word of confidence."""
    text = drawn(NAMES[:2], repeats=1)
    assert row(text, "throughput ops/s") == "29,300 12,208 0.42x"
    assert "confidence" not in text


def test_what_a_subject_lacks_is_not_zero() -> None:
    """`not supported` where the first has a figure; no line where nobody has one."""
    text = drawn(NAMES[:2], repeats=1)
    assert row(text, "L1 hit ratio") == "0.5 not supported"
    assert "L2 hit ratio" not in text


def test_phases_follow_the_whole() -> None:
    """Throughput and median of each phase, where there are such."""
    lines = [line.split("  ")[0] for line in drawn(NAMES[:2], repeats=1).splitlines()]
    assert [line for line in lines if ": " in line and "loop" not in line] == [
        "l1: ops/s",
        "l1: p50",
        "writes: ops/s",
    ]


@pytest.mark.parametrize("repeats", [1, 5])
@pytest.mark.parametrize("width", [80, 100, 200])
def test_no_line_is_too_long(width: int, repeats: int) -> None:
    """Subjects that don't fit go to further tables, each of which has the first."""
    names = [*NAMES, "somebody.very.longs.package.of.caches:make_the_one_with_redis"]
    text = drawn(names, repeats, width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= min(width, 100)
    heads = [line for line in text.splitlines() if line.lstrip().startswith("multilevel")]
    assert len(heads) > 1
    for name in (*NAMES[1:], ":make_the_one_with_redis"):
        assert sum(name in head for head in heads) == 1


def test_a_narrow_terminal_cuts_no_figure() -> None:
    """What does not fit goes on below: `0.03` is not what `0.035` begins with."""
    text = drawn(NAMES[:2], repeats=3, width=50)
    assert max(len(line) for line in text.splitlines()) <= 50
    assert "(0.40-0.42)" in text
    assert "…" not in text


@pytest.mark.parametrize(
    ("slower", "shown"),
    [
        (300_000.0, "<0.0001x"),
        (300.0, "0.0033x"),
        (30.0, "0.033x"),
        (0.02, "50.0x"),
        (0.001, "1,000x"),
    ],
)
def test_ratios_keep_digits_that_tell_them_apart(slower: float, shown: str) -> None:
    """Far below and far above 1 as well."""
    assert row(drawn(NAMES[:2], 1, slower=slower), "throughput ops/s").endswith(shown)
