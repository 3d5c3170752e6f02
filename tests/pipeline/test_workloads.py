"""The workloads that model what others have published say what their sources say."""

import math
import re
from pathlib import Path

import pytest

from pipeline import catalogue
from pipeline.data import Sizes
from pipeline.load import OpenLoad, Work
from pipeline.scenario import Scenario

TABLE = Path(__file__).parents[3] / "shared" / "traces" / "twitter-2020Mar-clusters.md"
TWITTER = catalogue.suites()["twitter"]
SECONDS = {"s": 1, "h": 3600, "d": 86_400}
SAID_OTHERWISE = {"add": "set", "incr": "read_modify_write", "gets": "get"}
ROW = ("cluster", "miss_ratio", "category", "key_size", "value_size", "kqps", "frequency",
       "one_hit", "compulsory", "ttls", "wss_without_ttl", "wss", "operations", "zipf")  # fmt: skip

YCSB = {
    "ycsb_a": ({"get": 50, "set": 50}, "zipf"),
    "ycsb_b": ({"get": 95, "set": 5}, "zipf"),
    "ycsb_c": ({"get": 1}, "zipf"),
    "ycsb_d": ({"get": 95, "insert": 5}, "latest"),
    "ycsb_e": ({"scan": 95, "insert": 5}, "zipf"),
    "ycsb_f": ({"get": 50, "read_modify_write": 50}, "zipf"),
}


@pytest.mark.parametrize("name", YCSB)
def test_a_workload_of_ycsb_is_that_of_its_paper(name: str) -> None:
    """Its mix and distribution; records of ten fields of 100 bytes (Cooper et al., SoCC 2010)."""
    scenario = catalogue.load(name).scenario()
    mix, distribution = YCSB[name]
    work = _work(scenario)
    assert work.mix == mix
    assert (work.keys.distribution, work.keys.exponent) == (distribution, 0.99)
    assert work.keys.scrambled is (distribution == "zipf")
    assert scenario.data.sizes == Sizes(bytes=1_000, compressible=False)


def test_the_suites_hold_the_published_workloads() -> None:
    """All six of YCSB's, and at least eight of Twitter's clusters."""
    assert catalogue.suites()["ycsb"] == tuple(YCSB)
    assert len(TWITTER) >= 8
    assert all(re.fullmatch(r"twitter_cluster\d\d", name) for name in TWITTER)


@pytest.mark.parametrize("name", TWITTER)
def test_a_cluster_of_twitters_is_its_row_of_the_table(name: str) -> None:
    """Operations, mean size, TTLs, skew and rate, and a hit ratio near that of production."""
    row = _row(int(name[-2:]))
    scenario = catalogue.load(name).scenario()
    work = _work(scenario)
    assert _shares(work.mix) == pytest.approx(_operations(row["operations"]), abs=0.03)
    assert _mean_bytes(scenario.data.sizes) == pytest.approx(float(row["value_size"]), rel=0.01)
    assert {share.ttl_s for share in scenario.data.ttls} <= _ttls_s(row["ttls"])
    zipf = work.keys.exponent if work.keys.distribution == "zipf" else 0
    assert zipf == float(row["zipf"])
    assert isinstance(work, OpenLoad)
    assert {(str(each.mix), each.keys) for each in _open_loads(scenario)} == {
        (str(work.mix), work.keys)
    }
    assert work.rate / (float(row["kqps"]) * 1_000) in (
        pytest.approx(1, rel=0.01),
        pytest.approx(0.1, rel=0.01),
    )
    if target := scenario.phases[-1].hit_ratio:
        hit_ratio = 1 - float(row["miss_ratio"])
        assert target.at_least - 0.02 <= hit_ratio <= target.at_most


@pytest.mark.parametrize("name", TWITTER)
def test_a_cluster_of_twitters_names_its_source(name: str) -> None:
    """Its number, its paper and the licence of the figures."""
    text = (Path(catalogue.__file__).parent / "scenarios" / f"{name}.toml").read_text()
    head = " ".join(line[2:] for line in text.splitlines() if line.startswith("#"))
    assert f"cluster {int(name[-2:])} of Twitter's" in head
    assert "OSDI 2020" in head
    assert "CC BY 4.0" in head


def _work(scenario: Scenario) -> Work:
    load = scenario.phases[-1].load
    assert isinstance(load, Work)
    return load


def _open_loads(scenario: Scenario) -> list[OpenLoad]:
    return [phase.load for phase in scenario.phases if isinstance(phase.load, OpenLoad)]


def _row(number: int) -> dict[str, str]:
    if not TABLE.exists():
        pytest.skip(f"the table of Twitter's clusters is not at {TABLE}")
    line = next(each for each in TABLE.read_text().splitlines() if f"cluster{number} " in each)
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return dict(zip(ROW, cells, strict=True))


def _shares(mix: dict[str, float]) -> dict[str, float]:
    total = sum(mix.values())
    return {name: weight / total for name, weight in mix.items()}


def _operations(cell: str) -> dict[str, float]:
    """The column's shares; what it leaves out or has one in a hundred of is not modelled."""
    shares: dict[str, float] = {}
    for said, share in (part.split(":") for part in cell.split()):
        name = SAID_OTHERWISE.get(said, said)
        shares[name] = shares.get(name, 0) + float(share)
    return {name: share for name, share in shares.items() if share > 0.01}


def _ttls_s(cell: str) -> set[float]:
    parts = (part.split(":")[0].strip() for part in cell.split(",") if part.strip())
    return {float(part[:-1]) * SECONDS[part[-1]] for part in parts}


def _mean_bytes(sizes: Sizes | None) -> float:
    assert sizes is not None
    spread = math.exp(sizes.sigma**2 / 2) if sizes.distribution == "lognormal" else 1
    return sizes.bytes * spread
