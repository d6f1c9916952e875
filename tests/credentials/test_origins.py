"""What a command gives goes to the origin it was first used for, until the next login."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from modtui.credentials import CommandStore, CredentialsError, Need, Origins, Wanted
from modtui.domain.secret import Secret
from modtui.private import write_private
from tests.cli.conftest import shell as shell
from tests.cli.shell import Shell
from tests.cli.standin import KIND, Ring

GIVES = (sys.executable, "-c", "print('t0ken-canary')")
CHAT = Wanted("chat", "https://chat.test:443", ("token",), (), "command", GIVES)
MOVED = replace(CHAT, origin="https://evil.test:443")


@pytest.fixture
def store(tmp_path: Path) -> CommandStore:
    return CommandStore(dict(os.environ), origins=Origins(tmp_path / "o.json", write_private))


def read(store: CommandStore, wanted: Wanted) -> object:
    return store.read([Need(wanted, wanted.fields)])[wanted.account]


def test_the_first_use_binds_and_another_origin_is_refused_unasked(
    store: CommandStore, tmp_path: Path
) -> None:
    assert isinstance(read(store, CHAT), dict)
    marker = tmp_path / "asked"
    asking = replace(MOVED, command=("touch", str(marker)))
    refused = read(store, asking)
    assert isinstance(refused, CredentialsError)
    assert str(refused) == (
        "chat now goes to https://evil.test:443, its token was stored for https://chat.test:443:"
        " log in again with modtui login chat"
    )
    # The manager is not even asked: it could show a prompt or unlock something.
    assert not marker.exists()
    assert isinstance(read(store, CHAT), dict)
    assert "canary" not in (tmp_path / "o.json").read_text()


def test_a_login_binds_anew(store: CommandStore) -> None:
    read(store, CHAT)
    (found,) = store.read_anew([Need(MOVED, MOVED.fields)]).values()
    assert isinstance(found, dict)
    assert isinstance(read(store, MOVED), CredentialsError)
    store.keep(MOVED, found)
    assert isinstance(read(store, MOVED), dict)
    assert isinstance(read(store, CHAT), CredentialsError)


def test_a_command_that_fails_binds_nothing(store: CommandStore, tmp_path: Path) -> None:
    assert isinstance(read(store, replace(CHAT, command=("false",))), CredentialsError)
    assert not (tmp_path / "o.json").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"chat": 5}', "{"])
def test_a_damaged_file_gives_no_secret_away(
    store: CommandStore, tmp_path: Path, content: str
) -> None:
    (tmp_path / "o.json").write_text(content)
    refused = read(store, CHAT)
    assert isinstance(refused, CredentialsError)
    assert "is damaged: delete it, then log in again" in str(refused)


BINDS = """
import sys
from pathlib import Path
from modtui.credentials import Origins, Wanted
from modtui.private import write_private
who = sys.argv[2]
origins = Origins(Path(sys.argv[1]), write_private)
print("there", flush=True)
sys.stdin.readline()
for number in range(40):
    origins.bind(Wanted(f"{who}-{number}", "https://chat.test:443", ("token",), (), "command"))
"""


def test_what_two_processes_bind_at_once_is_all_bound(tmp_path: Path) -> None:
    file = tmp_path / "state" / "o.json"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", BINDS, str(file), who],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for who in ("a", "b")
    ]  # fmt: skip
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == b"there\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write(b"\n")
        each.stdin.close()
    for each in both:
        assert each.wait(60) == 0
        assert each.stdout is not None
        each.stdout.close()
    assert len(json.loads(file.read_text())) == 80
    assert {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {
        "o.json": 0o600,
        "o.json.lock": 0o600,
    }


def test_where_it_cannot_be_noted_it_is_not_used(tmp_path: Path) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    store = CommandStore(dict(os.environ), origins=Origins(tmp_path / "o.json", full))
    refused = read(store, CHAT)
    assert isinstance(refused, CredentialsError)
    assert str(refused) == f"{tmp_path / 'o.json'} cannot be written: No space left on device"


def test_the_address_of_an_account_changes(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the login to the next one, as a moderator sees it."""
    monkeypatch.setattr("modtui.cli.compose.KINDS", {"standin": KIND})
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    config = (
        '[[account]]\nname = "hub"\nconnector = "standin"\nurl = "{}"\nsecret = "command"\n'
        f'secret_command = ["{sys.executable}", "-c", "print(\'good\')"]\n'
    )
    shell.config(config.format("https://hub.example.org/a"))
    assert shell("login", "hub").code == 0
    assert shell("sync", "--once").code == 0
    shell.config(config.format("https://HUB.example.org:443/b"))
    assert shell("sync", "--once").code == 0
    shell.config(config.format("https://hub.example.com"))
    for command in ("sync --once", "doctor"):
        done = shell(*command.split())
        assert done.code == 3
        assert "hub now goes to https://hub.example.com:443" in done.out + done.err
        assert "log in again with modtui login hub" in done.out + done.err
    assert shell("login", "hub").code == 0
    assert shell("sync", "--once").code == 0


def test_one_child_reads_everything(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting(Ring):
        def ask(self, question: dict[str, object]) -> object:  # type: ignore[override]
            asked.append(str(question["do"]))
            return super().ask(question)

    monkeypatch.setattr("modtui.cli.compose.KINDS", {"standin": KIND})
    monkeypatch.setattr("modtui.credentials.ring.Child", Counting.empty())
    one = '[[account]]\nname = "{}"\nconnector = "standin"\nurl = "https://{}.example.org"\n'
    shell.config("".join(one.format(name, name) for name in ("a", "b", "c")))
    from modtui.cli.compose import set_up

    setup = set_up()
    for account in setup.accounts:
        setup.credentials.keep(account.wanted, {"token": Secret("good")})
    for command, expected in (("sync --once", ["get"]), ("doctor", ["probe"])):
        asked.clear()
        assert shell(*command.split()).code == 0
        assert asked == expected


def test_a_folder_that_cannot_be_locked_says_so(
    store: CommandStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    refused = read(store, CHAT)
    assert isinstance(refused, CredentialsError)
    assert str(refused) == f"{tmp_path / 'o.json'} cannot be written: No locks available"


@pytest.mark.parametrize("address", ["https://me:canary@chat.test:99999/", "https://[::1:canary@x"])
def test_an_address_that_cannot_be_read_is_not_repeated(store: CommandStore, address: str) -> None:
    gives = (sys.executable, "-c", "import os; print('token'); print('url:', os.environ['AT'])")
    store = replace(store, environ={**store.environ, "AT": address})
    refused = read(store, replace(CHAT, command=gives))
    assert isinstance(refused, CredentialsError)
    assert "the entry of its token says url: what is no address: put one of them" in str(refused)
    assert "canary" not in str(refused)
