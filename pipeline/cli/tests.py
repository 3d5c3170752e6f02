"""`bench test`: the integration tests of a checkout, run by pytest and reported as JSON."""

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.errors import UsageError, say
from pipeline.cli.exits import ExitCode

TestType = Literal["integration", "performance", "resilience", "all"]
_EXIT_CODES = {0: ExitCode.GOOD, 1: ExitCode.FAILED, 2: ExitCode.INTERRUPTED}
_NOTHING_COLLECTED = 5


def run_tests(
    *,
    test_type: Annotated[
        TestType, typer.Option("--type", help="Only tests with this marker.")
    ] = "all",
    class_name: Annotated[
        str | None, typer.Option("--class", help="Only this test class.", metavar="NAME")
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="Only this test method.", metavar="NAME")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="A line for each test.")] = False,
    no_capture: Annotated[
        bool, typer.Option("--no-capture", help="Show what tests print while they run.")
    ] = False,
    report_file: Annotated[
        Path | None,
        typer.Option(
            "--report-file",
            help="Write a JSON report by test class; --benchmark alone: .bench/test-report.json.",
            metavar="FILE",
        ),
    ] = None,
    benchmark: Annotated[
        bool, typer.Option("--benchmark", help="Every test class, with a report.")
    ] = False,
) -> None:
    """Run the integration tests of a checkout with pytest."""
    from pipeline.cli import checkout
    from pipeline.cli import report_file as reports

    root = checkout.find_checkout()
    _require_pytest()
    _refuse_contradiction(benchmark, test_type, class_name, method)
    report = report_file or (reports.DEFAULT_FOLDER / "test-report.json" if benchmark else None)
    if report is not None:
        reports.prepare(report)
    arguments = checkout.select(root, class_name, method)
    if test_type != "all":
        arguments += ["-m", test_type]
    arguments += ["-v"] * verbose + ["-s"] * no_capture
    raise typer.Exit(_run(root, arguments, report))


def _require_pytest() -> None:
    if find_spec("pytest") is None:
        say("pytest is not installed here: python -m pip install 'tierbench[test]'")
        raise typer.Exit(ExitCode.ERROR)


def _refuse_contradiction(
    benchmark: bool, test_type: TestType, class_name: str | None, method: str | None
) -> None:
    if benchmark and (test_type != "all" or class_name or method):
        raise UsageError("--benchmark runs every test class: leave --type, --class, --method out")


def _run(root: Path, arguments: list[str], report: Path | None) -> ExitCode:
    from pipeline.cli import report_file as reports
    from pipeline.cli.junit import read_junit

    with tempfile.TemporaryDirectory(prefix="bench-test-") as folder:
        junit = Path(folder) / "junit.xml"
        command = [sys.executable, "-m", "pytest", *arguments]
        if report is not None:
            command.append(f"--junitxml={junit}")
        code = subprocess.run(command, cwd=root, check=False).returncode  # noqa: S603 - our own
        if code == _NOTHING_COLLECTED:
            raise UsageError("no test has what was asked for; `bench test --help` lists the types")
        if report is not None and junit.exists():
            reports.write_json(report, read_junit(junit))
            say(f"report: {report}")
    return _EXIT_CODES.get(code, ExitCode.ERROR)
