"""`bench test` on a small checkout of the tests' own."""

import json
import shutil
from pathlib import Path

import pytest

import pipeline
import results
from tests.pipeline.cli.conftest import MakeBench
from tests.support.command import Bench

TESTS = """
import pytest

pytestmark = pytest.mark.integration


class TestBasicCacheOperations:
    def test_set_and_get(self, record_property):
        record_property("l1_avg_response_time_ms", 0.25)

    def test_fails(self):
        assert 1 == 2


class TestSystemIntegration:
    @pytest.mark.performance
    def test_throughput(self):
        print("what the test prints")
"""
MARKERS = '[tool.pytest.ini_options]\nmarkers = ["integration", "performance", "resilience"]\n'


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages without tests beside them, as a wheel installs them."""
    root = tmp_path_factory.mktemp("site")
    for package in (pipeline, results):
        folder = Path(package.__file__ or "").parent
        shutil.copytree(
            folder, root / folder.name, ignore=shutil.ignore_patterns("__pycache__", "scenarios")
        )
    return root


@pytest.fixture(scope="module")
def checkout(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a few tests beside them."""
    root = tmp_path_factory.mktemp("checkout") / "copy"
    shutil.copytree(installed, root)
    folder = root / "tests" / "integration"
    folder.mkdir(parents=True)
    (folder / "test_small.py").write_text(TESTS)
    (root / "pyproject.toml").write_text(MARKERS)
    return root


@pytest.fixture
def bench(checkout: Path, make_bench: MakeBench) -> Bench:
    """The command of that checkout."""
    return make_bench(PYTHONPATH=str(checkout))


def test_the_report_has_a_result_for_each_class(bench: Bench) -> None:
    """A failed test gives exit 3 and is counted where it belongs."""
    done = bench("test", "--type", "integration", "--report-file", "out.json")
    assert done.returncode == 3, done.stderr
    report = json.loads((bench.folder / "out.json").read_text())
    assert report["results"]["basic_operations"]["tests_failed"] == 1
    assert report["results"]["basic_operations"]["l1_avg_response_time_ms"] == 0.25
    assert report["results"]["system_integration"]["success"] is True
    assert report["summary"]["overall_success"] is False


def test_one_method_runs_alone(bench: Bench) -> None:
    """A class and a method choose one test, whose output is shown where asked for."""
    done = bench(
        "test", "--class", "TestSystemIntegration", "--method", "test_throughput", "--no-capture"
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "what the test prints" in done.stdout


def test_a_type_without_tests_is_a_mistake(bench: Bench) -> None:
    """Nothing run is never a success."""
    done = bench("test", "--type", "resilience")
    assert done.returncode == 2
    assert "no test" in done.stderr


def test_an_unknown_class_names_the_nearest(bench: Bench) -> None:
    """One line, the nearest name, exit 2."""
    done = bench("test", "--class", "TestSystemIntegrations")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "TestSystemIntegration" in done.stderr


def test_outside_a_checkout_it_says_so(installed: Path, make_bench: MakeBench) -> None:
    """The wheel holds no tests: one line, exit 2."""
    done = make_bench(PYTHONPATH=str(installed))("test")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "checkout" in done.stderr
