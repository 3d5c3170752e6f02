"""The page for people: short, and with what needs their eyes."""

from dataclasses import replace

from results import marks
from results.aggregate import aggregate
from results.attempt_result import Change
from results.expectation import Expectation
from results.records import CodeVersion
from results.report import build_report
from results.report_markdown import render
from results.store import Store
from tests.results.build import (
    OTHER_WORKER,
    a_job,
    a_result,
    an_interval,
    complete,
    complete_run,
    plan,
    reads,
    take,
)
from tests.results.struck_attempts import figures, times, window
from tests.results.test_report import EXPECTATIONS, OPEN_LOOP, STRUCK, outage


def page(store: Store) -> str:
    """The page of the run."""
    aggregate(store, "run-1")
    return render(build_report(store, "run-1"))


def unwrapped(text: str) -> str:
    """The text with its continued lines joined."""
    return text.replace("\n  ", " ")


def test_what_was_said_of_the_run(sqlite_store: Store) -> None:
    """Why it is excluded, and its notes."""
    complete_run(sqlite_store, [a_result()])
    marks.exclude(sqlite_store, "run-1", "swapping")
    marks.annotate(sqlite_store, "run-1", "a hot\nday")
    text = page(sqlite_store)
    assert "Excluded from every series: swapping." in text
    assert "a hot day" in unwrapped(text)


def test_the_page_of_a_failed_run(sqlite_store: Store) -> None:
    """Verdict, table, what was not passed, faults and environment, in this order."""
    complete_run(sqlite_store, [outage()], EXPECTATIONS)
    text = unwrapped(page(sqlite_store))
    assert text.startswith("# Run run-1: fail\n\n1 tests passed, 1 failed, 1 unknown")
    parts = [
        "Code abc1234.",
        "| basic_operations | multilevel | fail | 1 of 3 | 9 | 1.25 | 1 |",
        "## Not passed",
        "- fail: basic_operations (multilevel): errors (in outage) expected == 0, seen 1",
        "- unknown: basic_operations (multilevel): l3_hit_ratio expected >= 0.5, seen nothing: ",
        "## Faults",
        "l2_kill in outage: requested at 3.600 s, effective at 4.600 s, cleared never",
        "## Environment",
        "- 2 cores",
        "- cpu: abacus",
        "## More",
        "`bench report run-1 --format json`",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "## Attempts that did not count" not in text


def test_the_page_of_a_run_that_passed_is_short(sqlite_store: Store) -> None:
    """Sections without content are left out."""
    complete_run(sqlite_store, [a_result()], (Expectation(metric="operations", equals=1),))
    text = page(sqlite_store)
    assert text.startswith("# Run run-1: pass")
    for title in ("Not passed", "Faults", "Attempts that did not count"):
        assert title not in text


def test_repeated_attempts_and_errors_are_told(sqlite_store: Store) -> None:
    """A lost attempt and a failed job have a line each, however many lines the error had."""
    jobs = [a_job(position=position, repeat=position) for position in range(2)]
    plan(sqlite_store, jobs)
    take(sqlite_store, jobs[0], period_s=0)
    sqlite_store.release_expired(sqlite_store.expired_claims())
    complete(sqlite_store, jobs[0], worker=OTHER_WORKER)
    complete(sqlite_store, jobs[1], a_result(error="Traceback:\n  KeyError: 'x'"))
    text = unwrapped(page(sqlite_store))
    assert "- error: basic_operations (multilevel): Traceback: KeyError: 'x'" in text
    assert "repeat 0, attempt 1: lost: its claim ran out" in text
    assert "; attempt 2 was accepted" in text


def test_a_cancelled_run_says_so_first(sqlite_store: Store) -> None:
    """The heading has the word."""
    plan(sqlite_store, [a_job()], code_version=CodeVersion(name="f00", dirty=True))
    sqlite_store.cancel_run("run-1")
    text = page(sqlite_store)
    assert text.startswith("# Run run-1: cancelled")
    assert "Code f00 (with uncommitted changes)" in text


def test_the_page_of_a_fault(sqlite_store: Store) -> None:
    """A row for each, what was found wrong with its proof, the turns, and the promised bound."""
    slow = Expectation(metric="max_response_time_ms")
    promised = replace(STRUCK, promises={"max_response_time_ms": 0.5})
    complete_run(sqlite_store, [promised], (slow,), scenario="matrix_l2_kill_low")
    text = page(sqlite_store)
    for part in (
        "| fault | subject | detect s | recover s | ok | p99 ms before/in/after | loads |",
        "| l2_kill_low | multilevel | 0.1 | > 3 | 1 | 1/5/2 | 3 | 40 | 2 |",
        "- matrix_l2_kill_low (multilevel), repeat 0: lost writes in load: revision 3 of key-1 was",
        "  - 2.000000 to 2.001000 s: worker 1 wrote revision 3 of key-1",
        "## During the faults",
        "- l2_kill_low (multilevel): served by l2 100 %; p99 of what succeeded 1/5/2 ms; loads 6",
        "## Faults and turns of the subject",
        "- matrix_l2_kill_low (multilevel), repeat 0: l2_kill effective at 2.100 s, l2 breaker",
        "expected <= 0.5, as promised, seen 1",
    ):
        assert part in text, part
    assert "nobody has read it" not in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_what_failed_in_a_fault_is_told_by_kind(sqlite_store: Store) -> None:
    """With the tiers that served, the largest share first, and the percentiles without it."""
    met = (
        times("during", *[1.0] * 8, tier="l3"),
        times("during", 900.0, tier="none", outcome="TimeoutError"),
        times("during", 2.0, tier="l1"),
    )
    known = figures(before__loads=0, during__loads=1_500, during__length_s=2)
    seen = replace(STRUCK, window_times=met, window_figures=known)
    complete_run(sqlite_store, [seen], scenario="l2_outage")
    text = unwrapped(page(sqlite_store))
    assert "-/900/- | +1,500 |" in text
    assert text.count(
        "- l2_kill in l2_outage (multilevel): served by l3 80 %, l1 10 %, none 10 %; failed "
        "TimeoutError 10 %; p99 of what succeeded -/2/- ms; loads 1,500\n"
    )


def test_several_faults_of_a_kind_are_told_apart(sqlite_store: Store) -> None:
    """By their phases and their numbers."""
    places = ((2.0, "load"), (5.0, "load"), (8.0, "late"))
    windows = tuple(
        window(number, at_s, phase=phase) for number, (at_s, phase) in enumerate(places)
    )
    known = tuple(each for number in range(3) for each in figures(number, recover_s=0.0))
    spans = (*STRUCK.phases, replace(STRUCK.phases[0], phase="late", start_s=7.5))
    seen = replace(STRUCK, fault_windows=windows, window_figures=known, phases=spans)
    complete_run(sqlite_store, [seen], scenario="fault_l2_kill")
    text = page(sqlite_store)
    for name in ("l2_kill, load #1", "l2_kill, load #2", "l2_kill, late"):
        assert f"| {name} |" in text, name


def test_faults_and_turns_stand_on_one_line_of_time(sqlite_store: Store) -> None:
    """In their order; of a breaker's tries only the one that closed it, and whose they were."""
    turns = ((2.2, "open"), (2.5, "half_open"), (2.6, "open"), (4.3, "half_open"), (4.4, "closed"))
    told = tuple(Change(at_s=at_s, what="l2 breaker", state=state) for at_s, state in turns)
    complete_run(sqlite_store, [replace(STRUCK, changes=told)], shard=1)
    assert (
        "repeat 0, worker 2: l2_kill effective at 2.100 s, l2 breaker open at 2.200 s, "
        "l2_kill cleared at 4.000 s, l2 breaker closed at 4.400 s\n"
    ) in unwrapped(page(sqlite_store))


def test_a_row_of_a_fault_is_cut_to_the_width(sqlite_store: Store) -> None:
    """Its name gives way to the figures."""
    long = "a_scenario_with_a_name_that_is_much_longer_than_any_table_would_like_it_to_be"
    faults = tuple(window(number, 2.0 + 10 * number) for number in range(30))
    known = tuple(
        each
        for number in range(30)
        for each in figures(
            number,
            detect_s=1234.5,
            recover_s=1234.5,
            during__loads=1,
            during__length_s=1e-6,
            before__loads=1,
            before__length_s=1,
            during__max_staleness_ms=123_456,
            during__lost_writes=123_456,
        )
    )
    seen = replace(STRUCK, fault_windows=faults, window_figures=known)
    complete_run(sqlite_store, [seen], scenario=long, subject=long)
    text = page(sqlite_store)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert text.count("| l2_kill in a_") == 30


def test_no_line_is_wider_than_a_hundred_columns(sqlite_store: Store) -> None:
    """Long names, reasons and lists are cut, and the page says how much is left out."""
    long = "a_scenario_with_a_name_that_is_much_longer_than_any_table_would_like_it_to_be"
    windows = outage().fault_windows * 40
    seen = replace(outage(), fault_windows=windows)
    complete_run(sqlite_store, [seen], EXPECTATIONS, scenario=long, subject=long)
    text = page(sqlite_store)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "- ... and 15 more in the JSON report" in text


def test_the_page_of_an_open_loop(sqlite_store: Store) -> None:
    """Times with their loop, what was due and dropped, the server, the spread and the search."""
    complete_run(sqlite_store, [OPEN_LOOP, OPEN_LOOP])
    text = unwrapped(page(sqlite_store))
    for part in (
        "| basic_operations | multilevel | open, closed | 10 | 90 | 90 | 9 |",
        "- basic_operations (multilevel): throughput_ops_per_second 1.6, 1.6, 1.6; p50",
        "repeat 0, load, trial 0: 500 ops/s asked for, 499 done, p99 2.5 ms: held",
        "- basic_operations (multilevel): 2 attempts, offered operations 8, dropped operations 2, ",
        "p99 schedule lag 0.4 ms",
        "recorder cost 0.3 us, calibration loop 4 ms, server commands 24",
    ):
        assert part in text, part


def test_the_page_of_several_subjects(sqlite_store: Store) -> None:
    """Each figure stands beside the first's, with its ratio and interval; invalid is told first."""
    jobs = [
        a_job(position=place, repeat=place // 2, subject=("multilevel", "plain")[place % 2])
        for place in range(4)
    ]
    plan(sqlite_store, jobs, subjects=("multilevel", "plain"), repeats=2)
    complete(sqlite_store, jobs[0], a_result(invalid_reason="generator saturated"))
    for job, time_ms in zip(jobs, (1.0, 3.0, 2.0, 4.0), strict=True):
        lacks = ("l2",) if job.subject == "plain" else ()
        seen = reads(l1=1, l2=1)
        result = a_result(intervals=(an_interval(time_ms),), unsupported=lacks, observations=seen)
        complete(sqlite_store, job, result)
    text = unwrapped(page(sqlite_store))
    assert "Invalid attempts, which count nowhere: 1 (generator saturated)." in text
    assert "p99_response_time_ms: multilevel 2; plain 4 (2x, 0.186 to 32.2)" in text
    assert "l2_hit_ratio: multilevel 1; plain not supported" in text
    assert "multilevel is under test; compared with it, and deciding nothing: plain." in text
    assert max(len(line) for line in text.splitlines() if line.startswith("|")) <= 100
