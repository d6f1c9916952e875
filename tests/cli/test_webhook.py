"""Accounts that can only tell a team, from the command line."""

from __future__ import annotations

import contextlib
import io

import pytest

from modtui.cli.exits import told
from modtui.cli.redacting import REDACT
from tests.cli.shell import Shell
from tests.cli.standin import Ring

CONFIG = """[[account]]
name = "ops"
connector = "webhook"
url = "{url}"
"""


@pytest.fixture
def ops(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell with a webhook, and a keyring that is empty."""
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    shell.config(CONFIG.format(url="https://hooks.ours.test"))
    return shell


def test_a_webhook_posts_under_no_name(ops: Shell) -> None:
    done = ops("doctor")
    said = "ops tells a team at https://hooks.ours.test, under no name (notify only)."
    assert f"ok    account ops: {said} Can: tell a team.\n" in done.out


PATH = "/in/T0000/c4naryc4naryc4nary77"
TOKEN = "c4naryc4naryc4nary77"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learned here is forgotten at the end."""
    monkeypatch.setattr(REDACT, "_forms", ())
    monkeypatch.setattr(REDACT, "_packed", ())


def test_an_address_that_is_a_secret_is_kept_as_one(
    ops: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"\nhttps://hooks.ours.test{PATH}\n"))
    done = ops("login", "ops", "--stdin")
    assert (done.code, done.err) == (0, "")
    assert any(TOKEN in kept for kept in Ring.kept.values())
    assert REDACT(f"POST {PATH}: no such hook {TOKEN}") == "POST ****: no such hook ****"
    checked = ops("doctor", "--json")
    assert "https://hooks.ours.test, under no name" in checked.out
    for words in ("doctor", "accounts", "accounts --json", "status", "queue --json"):
        done = ops(*words.split())
        assert TOKEN not in done.out + done.err
    files = [path for path in ops.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "address", [f"https://elsewhere.test{PATH}", f"hooks.ours.test{PATH}", TOKEN]
)
def test_an_address_elsewhere_is_refused_and_not_repeated(
    ops: Shell, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"\n{address}\n"))
    done = ops("login", "ops", "--stdin")
    assert done.code == 3
    assert "its address is not one at https://hooks.ours.test: modtui login ops" in done.err
    assert TOKEN not in done.out + done.err
    assert Ring.kept == {}


@pytest.mark.parametrize("path", [PATH, "/k7Wq", "/a/b?k=c4naryc4naryc4nary77", f"?{TOKEN}"])
def test_a_path_in_the_configuration_is_told_nowhere(ops: Shell, path: str) -> None:
    ops.config(CONFIG.format(url=f"https://hooks.ours.test{path}"))
    for words in ("doctor", "doctor --json", "accounts", "accounts --json", "status", "show 1"):
        done = ops(*words.split())
        assert path not in done.out + done.err
        assert TOKEN not in done.out + done.err
    assert "https://hooks.ours.test" in ops("accounts").out
    failed = REDACT(f"POST https://hooks.ours.test{path}: no route to host")
    assert path not in failed


def test_what_would_be_an_error_names_the_host_alone(ops: Shell) -> None:
    ops.config(CONFIG.format(url=f"https://hooks.ours.test{PATH}"))
    assert ops("accounts").code == 0
    assert plain_error(PATH) == "modtui: no answer of https://hooks.ours.test****"
    assert plain_error(f"/{TOKEN}") == "modtui: no answer of https://hooks.ours.test/****"


def plain_error(path: str) -> str:
    """What is printed of an error that quotes an address."""
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        told(f"no answer of https://hooks.ours.test{path}", 5)
    return err.getvalue().strip()
