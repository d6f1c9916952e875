"""No file, function or list of arguments grows beyond what can be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "modtui"
FILE_LINES = 420
FUNCTION_LINES = 40
ARGUMENTS = 5
OF_A_LIBRARY = {"_warned"}
"""Called by a library, which says what they take."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def lines(function: Function) -> int:
    """How many lines a function has without its decorators and its docstring."""
    told = ast.get_docstring(function) is not None
    first = function.body[0]
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if told else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def arguments(function: Function) -> int:
    """How many arguments a call may give, `self` not counted. Those of a command are options."""
    if any("command(" in ast.unparse(each) for each in function.decorator_list):
        return 0
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def flaws(source: str) -> Iterator[str]:
    """What is too long in `source`."""
    if source.count("\n") > FILE_LINES:
        yield f"{source.count(chr(10))} lines"
    for each in functions(ast.parse(source)):
        if lines(each) > FUNCTION_LINES:
            yield f"{each.lineno}: {each.name} has {lines(each)} lines"
        if arguments(each) > ARGUMENTS and each.name not in OF_A_LIBRARY:
            yield f"{each.lineno}: {each.name} takes {arguments(each)} arguments"


@pytest.mark.parametrize(
    "path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_it_can_be_read_at_once(path: Path) -> None:
    assert list(flaws(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "\n" * 421,
        "def f():\n" + "    x()\n" * 40,
        "async def f(a, b, c, *, d, e, f): ...",
        "class C:\n    def f(self, a, b, c, d, e, f): ...",
    ],
)
def test_what_is_too_long_is_found(source: str) -> None:
    assert list(flaws(source))
