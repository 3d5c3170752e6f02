"""`bench scenarios` and `bench doctor`: what can be run, and whether this machine can."""

from tests.pipeline.cli.conftest import SMALL, MakeBench
from tests.support.command import Bench


def test_scenarios_are_listed_with_purpose_and_time(bench: Bench) -> None:
    """Every built-in scenario, and the suites."""
    told = bench.json("scenarios")
    names = [each["name"] for each in told["scenarios"]]
    assert "trace_replay" in names
    assert set(told["suites"]["quick"]) <= set(names)
    table = bench("scenarios", "--all").stdout
    assert all(name in table for name in names)
    assert max(map(len, table.splitlines())) <= 100


def test_a_scenario_shows_all_its_parts(bench: Bench) -> None:
    """Phases, expectations and what --set takes, of a file of the user's as well."""
    name = bench.write("small.toml", SMALL)
    shown = bench("scenarios", name).stdout
    for part in ("read", "2 users", "operations >= 1", "think_time_s=0.0", "l1_max_size"):
        assert part in shown
    assert bench.json("scenarios", name)["parameters"]["operations"] == 20


def test_a_healthy_machine_is_told_so(bench: Bench) -> None:
    """What `bench run` needs is there; what it doesn't is off, not down."""
    told = bench.json("doctor")
    assert told["healthy"] is True
    states = {check["part"]: check["state"] for check in told["checks"]}
    assert states["embedded server"] == "ok"
    assert states["results"] == "off"


def test_what_is_needed_and_down_is_named_with_its_remedy(make_bench: MakeBench) -> None:
    """Exit 1; the broker that somebody named is needed; its password is not shown."""
    bench = make_bench(BENCH_BROKER_URL="redis://u:s3cret-word@127.0.0.1:1/0")
    done = bench("doctor")
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stdout
    assert "BENCH_BROKER_URL" in done.stdout
    assert "s3cret-word" not in done.stdout
