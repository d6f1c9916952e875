"""A connector of another package: found by its name, checked as ours are, one line if it breaks."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modtui.cli.compose import set_up
from modtui.cli.guide import Said
from modtui.cli.steps import Platform
from modtui.connectors import Unusable
from modtui.connectors.registry import KINDS, OURS
from tests.cli.shell import Shell
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.fakeguestbook import Book, installed
from tests.connectors.far import OverHttp
from tests.connectors.faults import LOCAL, FaultContract
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START
from tests.connectors.wire import WireContract, read

ACCOUNT = '[[account]]\nname = "book"\nconnector = "guestbook"\nurl = "https://ours.test"\n'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    yield Shell(tmp_path / "home", monkeypatch)
    gc.enable()


@pytest.fixture
def guestbook(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(site))


def bring(at: Path, monkeypatch: pytest.MonkeyPatch, code: str, package: str = "odd") -> None:
    """Install a package that brings the kind `odd` by this code."""
    module = package.replace("-", "_")
    (at / f"{module}.py").write_text(code)
    told = at / f"{module}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[modtui.connectors]\nodd = {module}:KIND\n")
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.syspath_prepend(str(at))


@pytest.mark.usefixtures("guestbook")
class TestContract(HttpOutcomeContract, ConnectorContract):
    kind = "guestbook"

    async def fresh(self) -> Line:
        stage = Book()
        subject, _ = stage.flag(2)
        far = OverHttp(stage.platform)
        return Line(stage.connect(), await read(stage), subject, START, far=far)


@pytest.mark.usefixtures("guestbook")
class TestWire(WireContract):
    kind = "guestbook"

    @pytest.fixture
    def stage(self) -> Book:
        return Book()


@pytest.mark.usefixtures("guestbook")
class TestFaults(FaultContract):
    kind = "guestbook"
    endpoints = ("/reported$", "GET")

    def stage(self) -> Book:
        return Book(LOCAL)


@pytest.mark.usefixtures("guestbook")
def test_it_is_listed_after_ours() -> None:
    assert list(KINDS) == [*OURS, "guestbook"]
    assert len(KINDS) == len(OURS) + 1
    assert "guestbook" in KINDS


@pytest.mark.usefixtures("guestbook")
def test_its_keys_and_secrets_are_checked_as_ours_are(shell: Shell) -> None:
    shell.config(ACCOUNT + 'pace = "often"\npaces = 1\n')
    done = shell("accounts")
    assert done.code == 4
    assert "config.toml:5: account.pace" in done.err
    assert "config.toml:6: account.paces: unknown key (did you mean" in done.err
    shell.config(ACCOUNT + 'pace = "2m"\n')
    (account,) = shell("accounts", "--json").json["accounts"]
    assert (account["name"], account["connector"]) == ("book", "guestbook")


@pytest.mark.usefixtures("guestbook")
def test_init_writes_an_account_of_it(shell: Shell) -> None:
    made = shell(
        "init", "--connector", "guestbook", "--url", "https://ours.test", "--set", "pace=2m"
    )
    assert (made.code, made.err) == (0, "")
    assert "Next: modtui login guestbook" in made.out


KIND = "from modtui.connectors import Kind, Schema, Setting\n"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import no_such_module_of_anyone\n", "No module named 'no_such_module_of_anyone'"),
        ("KIND = 1 +\n", "SyntaxError: invalid syntax"),
        ("raise RuntimeError('two\\nlines \\x1b[2J')\n", "RuntimeError: two lines"),
        ("", "has no attribute 'KIND'"),
        ("KIND = 7\n", "its entry point is no Kind but a int"),
        (KIND + "KIND = Kind(Schema('even'), dict)\n", 'its schema is called "even"'),
        (
            KIND + "KIND = Kind(Schema('odd', (Setting('a', 'color'),)), dict)\n",
            "setting a is none",
        ),
        (KIND + "KIND = Kind(Schema('odd', (Setting('a', 'text'),) * 2), dict)\n", "a twice"),
        (
            KIND + "from modtui.connectors import Given, Need\n"
            "KIND = Kind(Schema('odd', needs=(Need(((Given('b'),),), 'b'),)), dict)\n",
            "it needs b, which it does not declare",
        ),
    ],
    ids=range(9),
)
def test_a_broken_package_is_one_line(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    bring(tmp_path, monkeypatch, code)
    assert "odd" in list(KINDS)
    with pytest.raises(Unusable, match="odd") as raised:
        KINDS["odd"]
    words = str(raised.value)
    assert words.startswith('connector "odd" of odd 1.0 cannot be used: ')
    assert why in words
    assert words.isprintable()
    shell.config('[[account]]\nname = "a"\nconnector = "odd"\nurl = "https://ours.test"\n')
    done = shell("accounts")
    assert done.code == 4
    assert f"config.toml:3: account.connector: {words}" in done.err
    made = shell("init", "--connector", "odd", "--name", "b", "--url", "https://ours.test")
    assert (made.code, made.err.count("\n")) == (4, 1)


@pytest.mark.usefixtures("guestbook")
def test_the_first_run_offers_it_and_says_what_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(tmp_path, monkeypatch, "import no_such_module_of_anyone\n")
    setup = set_up({"MODTUI_HOME": str(tmp_path)})
    question = Platform().question(Said(setup, setup.config.desk.moderator))
    offered = {option.value: option for option in question.options}
    assert offered["guestbook"].label == "guestbook: a guestbook"
    assert set(offered) == {*OURS, "guestbook", "odd"}
    assert {len(one.key) for one in question.options} == {1}
    assert {name for name, one in offered.items() if one.off} == {"odd"}
    assert offered["odd"].off == (
        'connector "odd" of odd 1.0 cannot be used:'
        " ModuleNotFoundError: No module named 'no_such_module_of_anyone'"
    )


def test_code_that_breaks_when_it_is_needed_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(
        tmp_path, monkeypatch, KIND + "KIND = Kind(Schema('odd'), lambda: 1 / 0, lambda: 1 / 0)\n"
    )
    kind = KINDS["odd"]
    assert kind.look is not None
    for load in (kind.load, kind.look):
        with pytest.raises(Unusable, match=r"odd 1\.0 cannot be used: ZeroDivisionError"):
            load()


def test_two_packages_with_one_name_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("one", "an-other"):
        bring(tmp_path, monkeypatch, KIND + "KIND = Kind(Schema('odd'), dict)\n", package)
    with pytest.raises(Unusable, match=r"in an-other 1\.0 and one 1\.0: uninstall one of them"):
        KINDS["odd"]
    assert list(KINDS).count("odd") == 1


def test_ours_stay_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(tmp_path, monkeypatch, "raise RuntimeError\n")
    points = tmp_path / "odd-1.0.dist-info" / "entry_points.txt"
    points.write_text("[modtui.connectors]\nmatrix = odd:KIND\n")
    assert KINDS["matrix"].schema.about
    assert list(KINDS) == list(OURS)


def test_no_package_is_searched_for_kinds_of_ours() -> None:
    program = (
        "import sys; from modtui.connectors.registry import KINDS, OURS;"
        "[KINDS[n].schema for n in OURS]; 'matrix' in KINDS;"
        "print('importlib.metadata' in sys.modules, 'modtui.connectors.plugins' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("False False", "")
