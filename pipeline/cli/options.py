"""The options that more than one command takes, each declared once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

ScenarioTypeOrAll = Literal["integration", "performance", "load", "resilience", "all"]

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAMES",
        help="Scenarios, suites or scenario files (`bench scenarios` lists them); default: quick.",
        show_default=False,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        max=2**63 - 1,
        metavar="N",
        help="Seed of all that is random; default: a new one.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="KEY=VALUE", help="A label of the run; may be repeated."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set a scenario's parameter or a setting of the subject; may be repeated.",
    ),
]
Repeat = Annotated[
    int, typer.Option("--repeat", min=1, metavar="N", help="Times that each scenario is run.")
]
Subjects = Annotated[
    list[str] | None,
    typer.Option(
        "--subject",
        metavar="NAME",
        help="A cache under test, or your own (package.module:factory); may be repeated.",
    ),
]
AllowDestructive = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-destructive",
        metavar="URL",
        help="A server that others use and that faults may break all the same; may be repeated.",
    ),
]
CodeVersionName = Annotated[
    str | None,
    typer.Option(
        "--code-version",
        metavar="V",
        help="Name of the measured code; default: the commit of the current folder.",
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report-file", metavar="FILE", help="Where the JSON report is written."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
RunId = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="A run's id, or the part it begins with; default: the latest run.",
        show_default=False,
    ),
]
