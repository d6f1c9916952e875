"""What the documents say is shown by a test: that the test is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SECURITY = ROOT / "docs" / "security.md"
QUOTED = re.compile(r"`([^`\n]+)`")
NAMED = re.compile(r"(?P<file>(?:\w+/)*\w+\.py|tests/[\w/]*)?(?:::)?(?P<test>test_\w+)?")
TESTS = tuple((ROOT / "tests").rglob("*.py"))


@cache
def defined(file: Path) -> frozenset[str]:
    """The names of the tests in a file."""
    tree = ast.parse(file.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = (node.name for node in ast.walk(tree) if isinstance(node, kinds))
    return frozenset(name for name in found if name.startswith("test_"))


def files(named: str) -> list[Path]:
    """The files that `tests/x/test_y.py`, `test_y.py` or a folder may mean."""
    if named.endswith(".py"):
        return [each for each in TESTS if each.as_posix().endswith(f"/{named}")]
    return list((ROOT / named).rglob("test_*.py"))


def missing(text: str) -> list[str]:
    """What is named in `text` as a test and is none; `::test_x` is of the file named before it."""
    wrong, within = [], list(TESTS)
    for quoted in QUOTED.findall(text):
        found = NAMED.fullmatch(quoted)
        if found is None or "test" not in quoted:
            continue
        file, test = found["file"], found["test"]
        if file is not None:
            within = files(file)
        elif not quoted.startswith("::"):
            within = list(TESTS)
        if not within or (test and not any(test in defined(each) for each in within)):
            wrong.append(quoted)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_named_is_there(page: Path) -> None:
    assert [name for line in page.read_text("utf-8").splitlines() for name in missing(line)] == []


def test_one_that_is_not_there_is_found() -> None:
    assert missing("`test_garbage.py`, `::test_no_such`") == ["::test_no_such"]
    assert missing("`tests/pty/test_no_such.py`, `test_no_such`, `tests/no_such/`") == [
        "tests/pty/test_no_such.py", "test_no_such", "tests/no_such/",
    ]  # fmt: skip
    assert missing("`tests/pty/`, `python -m tests.docs`, `test_garbage.py`") == []


def promises() -> list[tuple[str, str]]:
    """The promises of the security page, each with what is said to show it."""
    rows = [line for line in SECURITY.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    heads = ("promise", "what happens")
    return [(row[0], row[-1]) for row in cells if row[0] not in heads]


def test_every_promise_names_what_shows_it() -> None:
    rows = promises()
    assert len(rows) > 40
    unshown = [
        promise for promise, shown in rows if "test" not in shown and "the same" not in shown
    ]
    assert unshown == []
