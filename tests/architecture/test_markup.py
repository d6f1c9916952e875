"""Textual reads markup in a plain string: no text of ours is made of parts before it is markup."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "modtui"
FILES = [
    *(path for name in ("screens", "widgets", "terminal") for path in (ROOT / name).rglob("*.py")),
    *(ROOT / name for name in ("app.py", "first_run.py")),
]
SHOWN_BY = {
    "Static", "Label", "Button", "Option", "Checkbox", "RadioButton", "CheckLine", "HandLine",
}  # fmt: skip
TOLD_BY = {"update", "notify"}
TITLES = {"border_title", "border_subtitle", "tooltip", "sub_title"}


def is_safe(value: ast.expr, safe: frozenset[str] = frozenset()) -> bool:
    """Whether `value` is a literal, a Content, or made by something that says it returns one."""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.IfExp):
        return is_safe(value.body, safe) and is_safe(value.orelse, safe)
    if isinstance(value, ast.Attribute):
        # Content(text).markup: the text with its brackets escaped.
        return value.attr == "markup" and is_safe(value.value, safe)
    if isinstance(value, ast.Call):
        function = value.func
        if isinstance(function, ast.Attribute):
            inner = function.value
            return function.attr in safe or (isinstance(inner, ast.Name) and inner.id == "Content")
        return isinstance(function, ast.Name) and (function.id == "Content" or function.id in safe)
    return False


def makers(tree: ast.AST) -> frozenset[str]:
    """The functions of a module that are annotated to return Content."""
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and isinstance(node.returns, ast.Name)
        and node.returns.id == "Content"
    )


def risky(tree: ast.AST) -> Iterator[str]:
    """What hands a string that is no literal to something that reads markup."""
    safe = makers(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _risky_call(node, safe)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                titled = isinstance(target, ast.Attribute) and target.attr in TITLES
                if titled and not is_safe(node.value, safe):
                    yield f"{node.lineno}: {ast.unparse(node)}"


def _risky_call(node: ast.Call, safe: frozenset[str]) -> Iterator[str]:
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    plain = any(
        keyword.arg == "markup" and getattr(keyword.value, "value", None) is False
        for keyword in node.keywords
    )
    shown = name in SHOWN_BY or (name in TOLD_BY and isinstance(function, ast.Attribute))
    first = node.args[0] if node.args else None
    if shown and not plain and first is not None and not is_safe(first, safe):
        yield f"{node.lineno}: {ast.unparse(node)}"
    if name == "from_markup" and not isinstance(first, ast.Constant):
        yield f"{node.lineno}: {ast.unparse(node)}"


NO_WIDGET = {"self._said.update(new)", "self.stylesheet.update(self, animate=animate)"}
"""Sets and dicts that are updated."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_string_that_is_made_of_parts_is_read_as_markup(path: Path) -> None:
    found = list(risky(ast.parse(path.read_text("utf-8"))))
    assert [each for each in found if each.split(": ", 1)[1] not in NO_WIDGET] == []


@pytest.mark.parametrize(
    "said",
    [
        'Static(f"{title}")', "Static(title)", 'x.update("a" + b)', "self.notify(str(error))",
        'Content.from_markup(f"[b]{name}[/b]")', "box.border_title = title", "Static(say(title))",
        'Static(" ".join(parts))',
    ],
)  # fmt: skip
def test_it_would_be_found(said: str) -> None:
    assert list(risky(ast.parse(said)))
