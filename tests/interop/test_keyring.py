"""The system keyring as it really is: open, locked, waiting for nobody, or plain text."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from modtui.credentials.ring import START, UNLOCK
from tests.interop.keyring import How, Seat, install, plaintext_python
from tests.interop.synapse import Synapse

pytestmark = pytest.mark.interop

CANARY = "syt_canary_81c2e6f0"
CONFIG = '[[account]]\nname = "{name}"\nconnector = "matrix"\nurl = "https://ours.test"\n'


@pytest.fixture
def seat(tmp_path: Path) -> Seat:
    """A home whose keyring was made with a password, and one account of modtui."""
    install()
    found = Seat(tmp_path)
    found.config(CONFIG.format(name="chat"))
    return found


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_secret_outlives_the_session_and_is_no_plain_text(seat: Seat) -> None:
    kept = seat.steps("probe", "keep", stdin=CANARY)
    probed, stored = kept.out.splitlines()
    assert '"state": "ok"' in probed
    assert "the system keyring (SecretService.Keyring)" in stored
    assert list(seat.keyrings.glob("*.keyring"))
    assert CANARY.encode() not in written(seat.home)
    for file in seat.keyrings.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    assert seat.steps("read").json == {"chat": CANARY}
    assert seat.steps("forget").json == {"gone": 1}
    assert "no token is stored for chat" in seat.steps("read").json["chat"]


def test_all_accounts_are_read_at_once(seat: Seat) -> None:
    names = ("one", "two", "three")
    for name in names:
        seat.config(CONFIG.format(name=name))
        assert "where" in seat.steps("keep", stdin=name).json
    seat.config("".join(CONFIG.format(name=name) for name in names))
    assert seat.steps("read").json == {name: name for name in names}


STATES: list[tuple[How, str, str]] = [
    ("no bus", "none", "no system keyring can be reached here"),
    ("locked", "locked", "the keyring exists but is locked"),
    ("silent", "hanging", "waiting for a password prompt"),
]


@pytest.mark.parametrize(("how", "state", "words"), STATES)
def test_a_keyring_that_fails_is_never_a_wrong_token_and_never_a_hang(
    seat: Seat, how: How, state: str, words: str
) -> None:
    assert "where" in seat.steps("keep", stdin=CANARY).json
    probed = seat.steps("probe", how=how).json
    assert (probed["state"], words in probed["line"]) == (state, True)
    assert probed["seconds"] < 8
    assert probed["left"] == []
    report = seat.modtui("doctor", "keyring", "--json", how=how)
    assert (report.code, report.json["state"]) == (3, state)
    told = seat.modtui("doctor", "keyring", how=how)
    assert (told.code, "modtui login chat --store vault" in told.out) == (3, True)
    synced = seat.modtui("sync", "--once", how=how)
    assert synced.code == 3
    (line,) = synced.told
    assert words in line
    assert "--store vault, command or session" in line
    assert "MODTUI_CHAT_TOKEN" in line
    assert CANARY not in report.out + told.out + synced.out + synced.err
    assert seat.steps("read").json == {"chat": CANARY}


def test_a_keyring_never_unlocked_is_locked(seat: Seat) -> None:
    assert seat.steps("probe", how="locked").json["state"] == "locked"
    assert not list(seat.keyrings.glob("*.keyring"))


def test_the_advice_does_what_it_says(seat: Seat) -> None:
    assert "where" in seat.steps("keep", stdin=CANARY).json
    probe = f"{sys.executable} -m tests.interop.keyring_steps probe"
    unlocking = f"{UNLOCK} >/dev/null; exec {probe}"
    opened = seat.run("bash", "-c", unlocking, how="locked", stdin="test\n")
    assert opened.json["state"] == "ok"
    starting = START.replace("exec modtui", f"exec {probe}")
    started = seat.run("bash", "-c", starting, how="no bus", stdin="test\n")
    assert started.json["state"] == "ok"


def test_a_child_that_is_killed_is_an_error(seat: Seat) -> None:
    assert "where" in seat.steps("keep", stdin=CANARY).json
    killed = seat.steps("kill", how="silent").json
    assert (killed["state"], killed["left"]) == ("error", [])
    assert "ended by signal 9" in killed["line"]


@pytest.mark.parametrize("chosen", ["", "keyrings.alt.file.PlaintextKeyring"])
@pytest.mark.parametrize("how", ["unlocked", "no bus"])
def test_plain_text_anywhere_is_refused(seat: Seat, how: How, chosen: str) -> None:
    more = {"CHILD_PYTHON": str(plaintext_python())}
    if chosen:
        more["PYTHON_KEYRING_BACKEND"] = chosen
    done = seat.steps("probe", "keep", "read", how=how, stdin=CANARY, **more)
    probed, kept, found = done.out.splitlines()
    assert '"state": "insecure"' in probed
    for line in (kept, found):
        assert "refusing: keyring would use PlaintextKeyring" in line
    assert CANARY.encode() not in written(seat.home)


def on_synapse(seat: Seat, synapse: Synapse, more: str = "") -> None:
    seat.config(CONFIG.format(name="chat").replace("https://ours.test", synapse.url) + more)


@pytest.mark.usefixtures("scene")
def test_login_to_logout_in_the_keyring(seat: Seat, synapse: Synapse) -> None:
    on_synapse(seat, synapse)
    token = synapse.users["admin"].token
    done = seat.modtui("login", "chat", "--stdin", stdin=f"{token}\n")
    assert (done.code, done.told) == (0, [])
    assert done.out.splitlines()[0].startswith("You post on chat as @admin:")
    assert done.out.splitlines()[-1] == "Kept in the system keyring (SecretService.Keyring)."
    synced = seat.modtui("sync", "--once")
    assert (synced.code, synced.told) == (0, [])
    assert seat.modtui("logout", "chat").out == "chat: 1 deleted\n"
    assert seat.modtui("sync", "--once").code == 3
    assert token.encode() not in written(seat.home)


@pytest.mark.usefixtures("scene")
def test_without_a_keyring_vault_and_command_do(seat: Seat, synapse: Synapse) -> None:
    token = synapse.users["admin"].token
    on_synapse(seat, synapse, 'secret = "vault"\n')
    done = seat.modtui("login", "chat", "--stdin", how="no bus", stdin=f"{token}\ncorrect horse\n")
    assert (done.code, done.told) == (0, [])
    assert token.encode() not in written(seat.home)
    wrong = seat.modtui("login", "chat", "--stdin", how="no bus", stdin=f"{token}\nwrong horse\n")
    assert (wrong.code, "that is not the passphrase of the vault" in wrong.err) == (3, True)
    manager = seat.home / "manager"
    manager.write_text(f"#!/bin/sh\ntest $1 = chat/token && echo {token}\n")
    manager.chmod(0o700)
    on_synapse(seat, synapse, f'secret = "command"\nsecret_command = ["{manager}", "chat/token"]\n')
    assert seat.modtui("login", "chat", how="no bus").code == 0
    synced = seat.modtui("sync", "--once", how="no bus")
    assert (synced.code, synced.told) == (0, [])
    manager.unlink()
    assert token.encode() not in written(seat.home)
