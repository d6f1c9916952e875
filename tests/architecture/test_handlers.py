"""Textual calls the handler of every class of a widget by itself: one that calls its base's as well
has it run twice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "modtui"
NO_HANDLERS = {"on_event", "on_change"}
"""Named as handlers are, and overridden as methods are."""


def called_twice(source: str) -> Iterator[str]:
    """The handlers of a base class that `source` calls."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value) == "super()"
            and node.attr.lstrip("_").startswith("on_")
            and node.attr not in NO_HANDLERS
        ):
            yield f"{node.lineno}: {node.attr}"


@pytest.mark.parametrize(
    "path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_handler_runs_twice(path: Path) -> None:
    assert list(called_twice(path.read_text("utf-8"))) == []


def test_one_that_would_is_found() -> None:
    source = "class A(B):\n    def on_mount(self) -> None:\n        super().on_mount()\n"
    assert list(called_twice(source)) == ["3: on_mount"]
