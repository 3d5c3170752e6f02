"""Finds the checkout's integration tests and turns names of classes and methods into arguments."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pipeline
from pipeline.cli.errors import UsageError
from pipeline.nearest import suggest


@dataclass(frozen=True, slots=True)
class ClassOfTests:
    """A class of tests: its file and its methods."""

    path: Path
    methods: tuple[str, ...]


def find_checkout() -> Path:
    """The folder that holds the packages and their tests.

    Raises:
        UsageError: There are no tests beside the packages.
    """
    root = Path(pipeline.__file__).resolve().parents[1]
    if not (root / "tests" / "integration").is_dir():
        raise UsageError(
            f"no tests beside the packages in {root}: "
            "`bench test` needs a checkout of Tierbench; `bench run` does not"
        )
    return root


def select(root: Path, class_name: str | None, method: str | None) -> list[str]:
    """Arguments for pytest: node ids of what was asked for, else the folder.

    Args:
        root: The checkout.
        class_name: A test class; any where None.
        method: A test method; any where None.

    Raises:
        UsageError: No class or method has that name.
    """
    folder = root / "tests" / "integration"
    if class_name is None and method is None:
        return [str(folder)]
    classes = _read_classes(folder)
    if class_name is not None:
        _require(class_name, classes, "test class")
        classes = {class_name: classes[class_name]}
    if method is None:
        return [f"{found.path}::{name}" for name, found in classes.items()]
    _require(method, {name for found in classes.values() for name in found.methods}, "test method")
    return [
        f"{found.path}::{name}::{method}"
        for name, found in classes.items()
        if method in found.methods
    ]


def _require(name: str, known: Iterable[str], what: str) -> None:
    names = tuple(known)
    if name not in names:
        raise UsageError(f"no {what} {name!r} in tests/integration{suggest(name, names)}")


def _read_classes(folder: Path) -> Mapping[str, ClassOfTests]:
    found = {}
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                found[node.name] = ClassOfTests(path, _methods(node))
    return found


def _methods(node: ast.ClassDef) -> tuple[str, ...]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return tuple(
        item.name
        for item in node.body
        if isinstance(item, functions) and item.name.startswith("test")
    )
