import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from modtui.cli.commands import cli
from modtui.domain.settings import Desk, Moderator
from modtui.engine.answers import values
from modtui.engine.rulebook import help_book
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
    config = read(tmp_path, example)
    assert [account.name for account in config.accounts] == ["matrix", "ops"]
    routes = help_book(config.desk).links
    assert set(config.desk.help_reasons) >= set(routes), "each route that there is can be opened"


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


PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
FENCED = re.compile(r"^ *```(.*?)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`(modtui(?: [^`\n]*)?)`")
TYPED = re.compile(r"^(?:.*\| )?(modtui(?: .*)?)$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_is_told_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    shown = "".join(block for language, block in FENCED.findall(text) if not language)
    told = [*QUOTED.findall(text), *TYPED.findall(shown)]
    assert [line for line in told if unknown(line)] == []


def unknown(line: str) -> list[str]:
    """The words of a line that begins with `modtui` which neither it nor its commands know."""
    words = re.split(r"[\s\[\]|]+", re.split(r"#|>|  ", line)[0])[1:]
    command: click.Command = cli
    known = {name for each in command.params for name in each.opts} | {"--help"}
    strange = []
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-") and word:
            inner = command.get_command(click.Context(command), word)
            if inner is None:
                return [word]
            command = inner
            known |= {name for each in command.params for name in each.opts}
        elif word.startswith("--") and word not in known:
            strange.append(word)
    return strange


@pytest.mark.parametrize("line", ["modtui faq lnit", "modtui replay 3", "modtui queue --jsn"])
def test_a_command_that_is_not_there_would_be_found(line: str) -> None:
    assert unknown(line)


@pytest.mark.parametrize("words", [["--help"], ["faq", "--help"]])
def test_the_list_of_commands_cuts_no_line_off(words: list[str]) -> None:
    told = CliRunner().invoke(cli, words, terminal_width=80).output.partition("Commands:")[2]
    assert told.count("\n") > 5
    assert [line for line in told.splitlines() if line.endswith("...")] == []


ROOMS = "cli|config|connectors|domain|engine|plain|screens|store|terminal|widgets"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_and_file_that_is_told_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    paths = re.findall(r"`((?:modtui|tests|docs|themes)/[\w/.-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    modules = re.findall(rf"`((?:{ROOMS})/\w+)[.`]", text)
    places = [ROOT / "modtui" / each for each in modules]
    assert [p for p in places if not (p.is_dir() or p.with_suffix(".py").exists())] == []
    code = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")]
    names = {name for each in code for name in re.findall(r"def (test_\w+)", each)}
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    told = re.findall(r"(?<![/\w])test_\w+(?:\.py)?", text)
    assert [each for each in told if each not in names | files] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_variable_of_the_environment_that_is_told_is_read(page: Path) -> None:
    told = set(re.findall(r"\bMODTUI_[A-Z_]+(?![A-Z_<])", page.read_text("utf-8")))
    code = "".join(path.read_text("utf-8") for path in (ROOT / "modtui").rglob("*.py"))
    told.discard("MODTUI_MATRIX_TOKEN")  # of an account that is called matrix
    assert [name for name in told if name not in code] == []


def test_the_layers_that_are_told_are_those_that_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert " → ".join(layers) in page
    rooms = {room for layer in layers for room in layer.split(" | ")}
    assert [room for room in rooms if not re.search(rf"`modtui/{room}(\.py)?`", page)] == []
