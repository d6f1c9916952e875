import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from modtui.domain.settings import Desk, Moderator
from modtui.engine.answers import values
from tests.config.desk import read
from tests.docs import PARTS, ROOT, renewed
from tests.screens.stage import staged


@pytest.mark.parametrize(("name", "begin", "end", "make"), PARTS)
def test_what_is_told_is_what_is_declared(
    name: str, begin: str, end: str, make: Callable[[], str]
) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert (text.count(begin), text.count(end)) == (1, 1)
    assert text == renewed(text, begin, end, make()), "run make docs"


def test_the_configuration_of_the_readme_is_one(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert len(tomllib.loads(example)["account"]) == 2
    assert [account.name for account in read(tmp_path, example).accounts] == ["matrix", "ops"]


def test_the_connector_that_is_walked_through_is_the_one_that_is_tested() -> None:
    page = (ROOT / "docs" / "connectors.md").read_text("utf-8").partition("## Write one")[2]
    fence = "```{}\n(.*?)```"
    told = {lang: re.findall(fence.format(lang), page, re.DOTALL) for lang in ("toml", "python")}
    package = ROOT / "tests" / "plugin" / "modtui_guestbook"
    code = ((package / name).read_text("utf-8") for name in ("__init__.py", "connector.py"))
    assert told["toml"] == [(package.parent / "pyproject.toml").read_text("utf-8")]
    assert _words("".join(told["python"])) == _words("".join(code))


def _words(code: str) -> list[str]:
    """The lines of `code` without those that are blank."""
    return [line for line in code.splitlines() if line.strip()]


def test_every_link_between_the_documents_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


async def test_the_placeholders_of_the_thread_are_all_told() -> None:
    detail = await staged().thread(1)
    assert detail is not None
    text = (ROOT / "docs" / "library.md").read_text("utf-8")
    desk = Desk(Moderator("mod-a", "UTC"))
    assert [name for name in values(detail, desk, "en") if f"`{name}`" not in text] == []
