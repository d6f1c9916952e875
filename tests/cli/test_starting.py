import subprocess
import sys

import pytest

import modtui
from modtui.cli.compose import Setup, set_up
from modtui.cli.guide import Walk
from modtui.cli.running import unlocked
from tests.cli.shell import ROOT, Shell
from tests.cli.standin import Ring


def test_the_version_is_quick(shell: Shell) -> None:
    done = shell.process("--version")
    assert (done.code, done.out) == (0, f"modtui {modtui.__version__}\n")


def loaded(*args: str) -> set[str]:
    code = f"import sys\nfrom modtui.cli import run\nrun({list(args)!r})\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_version_and_queue_load_nothing_heavy(shell: Shell) -> None:
    heavy = {"textual", "rich", "httpx", "keyring", "cryptography"}
    assert not loaded("--version") & (heavy | {"asyncio", "sqlite3", "msgspec", "zoneinfo"})
    shell.config('[[account]]\nname = "harbour"\nconnector = "demo"\n')
    assert not loaded("queue") & heavy


def test_init_writes_an_account_and_leaves_the_users_file(shell: Shell) -> None:
    shell.config("# mine\n")
    done = shell("init", "--demo", "--name", "harbour", "--set", "threads=3", "--set", "rate=0")
    assert done.code == 0
    file = shell.home / "config.d" / "harbour.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (shell.home / "config.toml").read_text() == "# mine\n"
    assert shell("sync", "--once").code == 0
    assert shell("queue", "--json").json["counts"]["open"] == 3
    again = shell("init", "--demo", "--name", "harbour")
    assert (again.code, "already" in again.err) == (4, True)


def test_init_says_what_comes_next(shell: Shell) -> None:
    done = shell("init", "--connector", "matrix", "--name", "hub", "--url", "https://m.example.org")
    assert done.code == 0
    assert "modtui login hub" in done.out
    assert "round the clock, first response 2h" in done.out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--connector", "matrix", "--name", "hub"), 4, "account.url: is missing"),
        (("--connector", "matrx", "--name", "hub"), 2, '(did you mean "matrix"?)'),
        (("--demo", "--name", "Hub"), 2, "is not a name"),
        (("--demo", "--set", "profile=blog"), 4, "forum, chat, social"),
        (("--demo", "--set", "colour=red"), 2, "demo knows profile"),
        (("--demo", "--set", "threads=many"), 2, "is not a number"),
        (("--demo", "--connector", "matrix"), 2, "either --demo or --connector"),
    ],
)
def test_init_writes_nothing_that_does_not_fit(
    shell: Shell, options: tuple[str, ...], code: int, words: str
) -> None:
    done = shell("init", *options)
    assert (done.code, len(done.err.splitlines())) == (code, 1)
    assert words in done.err
    assert not list(shell.home.glob("config.d/*.toml"))


def test_doctor_goes_through_everything(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring)
    shell("init", "--demo", "--name", "harbour")
    document = shell("doctor", "--json").json
    assert document["ok"] is True
    names = [check["name"] for check in document["checks"]]
    assert names[-3:] == ["store", "keyring", "account harbour"]
    shell.config("x = 1\n")
    done = shell("doctor")
    assert (done.code, "FAIL  configuration" in done.out) == (4, True)


def test_doctor_says_which_help_routes_are_there_in_name_alone(shell: Shell) -> None:
    shell.home.mkdir(parents=True, exist_ok=True)
    (shell.home / "mine.toml").write_text(
        '[[route]]\nid = "threat"\n[route.links]\nPL = "112"\n[[route]]\nid = "grief"\n'
    )
    shell.config(
        '[[account]]\nname = "harbour"\nconnector = "demo"\n'
        '[help_routes]\nfile = "mine.toml"\nreasons = ["threat", "minors"]\ncountry = "PL"\n'
        'countries = { harbour = "KZ" }\n'
    )
    checks = shell("doctor", "--json").json["checks"]
    (rules,) = [check["detail"] for check in checks if check["name"] == "rules"]
    assert (
        "2 help routes by your words (minors by flags alone;"
        " never opened, as reasons do not name it: grief; no link for KZ)"
    ) in rules


def test_a_secret_that_is_asked_for_at_each_start_says_where_it_goes(shell: Shell) -> None:
    url = "http://127.0.0.1:9"
    shell.config(
        f'[[account]]\nname = "hall"\nconnector = "matrix"\nurl = "{url}"\nsecret = "session"\n'
    )
    asked: list[str] = []

    def read(walk: Walk, setup: Setup) -> bool:
        assert walk.question is not None
        asked.extend(walk.question.lines)
        return False

    unlocked(set_up(), read)
    assert f"it goes to {url} and nowhere else." in asked[-1]


def test_a_group_of_commands_without_one_lists_them(shell: Shell) -> None:
    done = shell("faq")
    assert done.code == 2
    assert done.err.startswith("modtui: which one: bench, export, import, lint, suggest")
    assert done.err.count("\n") == 1
