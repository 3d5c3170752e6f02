"""Versions of what has a part in the figures."""

from importlib.metadata import version

from workers.libraries import library_versions


def test_what_caches_are_made_of_is_named_and_what_checks_them_is_not() -> None:
    """Required libraries, those that they run on and the peers; no linter and no test runner."""
    versions = library_versions()
    assert versions["coredis"] == version("coredis")
    assert versions["anyio"] == version("anyio")
    assert {"tierbench", "redis", "sqlalchemy", "numpy", "dramatiq"} <= set(versions)
    assert not {"ruff", "mypy", "pytest", "hypothesis"} & set(versions)
