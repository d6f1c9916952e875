"""Keys can be moved, and a command line has none: a reason names the action, not its key."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "modtui"
FILES = [
    path
    for name in ("connectors", "domain", "engine")
    for path in sorted((ROOT / name).rglob("*.py"))
]
KEY = re.compile(
    r"(?:^|\s)\((?:\w|(?:Ctrl|Alt)\+\w+)\)|\b(?:Ctrl|Alt)\+\w|\b[a-z] (?:shows|offers|takes)\b"
)
OURS = re.compile(r"^[\x00-\x7f]* [\x00-\x7f]*$")


def named(text: str) -> Iterator[str]:
    """The keys that what `text` says to a moderator names; its documentation says nothing."""
    tree = ast.parse(text)
    unsaid = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    said = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for node in said:
        text = node.value if isinstance(node.value, str) and id(node) not in unsaid else ""
        # A pattern is no sentence.
        if OURS.match(text) and "\\" not in text:
            yield from KEY.findall(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_reason_names_a_key(path: Path) -> None:
    assert list(named(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "reason", ["slow mode (s) is there", "write alone (Ctrl+P)", "f b shows them", "s offers more"]
)
def test_a_reason_that_names_one_is_found(reason: str) -> None:
    assert list(named(f"x = f'{reason}'"))
