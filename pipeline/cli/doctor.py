"""`bench doctor`: what answers, what doesn't, and how to mend it."""

import typer

from pipeline.cli.exits import ExitCode
from pipeline.cli.options import AsJson


def doctor(*, as_json: AsJson = False) -> None:
    """Check what bench stands on. Says how to mend what is down."""
    import dataclasses

    from pipeline.cli.checkup import DOWN, check_all
    from pipeline.cli.consoles import console, new_table, print_json
    from pipeline.settings import Settings

    checks = check_all(Settings.read())
    healthy = all(check.state != DOWN for check in checks)
    if as_json:
        told = [dataclasses.asdict(check) for check in checks]
        print_json({"healthy": healthy, "checks": told})
    else:
        table = new_table()
        for name in ("part", "state", "what was seen"):
            table.add_column(name, no_wrap=name != "what was seen")
        for check in checks:
            seen = "\n".join(line for line in (check.seen, check.mend) if line)
            table.add_row(check.part, check.state, seen)
        console().print(table)
    if not healthy:
        raise typer.Exit(ExitCode.ERROR)
