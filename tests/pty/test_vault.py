"""The vault at the start of the app: asked once, with keys, and never in the way."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from modtui.config import Paths, write_private
from modtui.credentials import Vault, Wanted
from modtui.domain.secret import Secret
from tests.pty.community import environment, leave, settle_in
from tests.pty.modes import attributes
from tests.pty.terminal import Terminal

PATIENCE = 30.0
TOKEN = "t0ken-canary-55aa"
PASSPHRASE = "correct horse"
HOOK = """
[[account]]
name = "ops"
connector = "webhook"
url = "http://127.0.0.1:9"
secret = "vault"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A community, and an account that tells a team and whose secret is in a vault."""
    settle_in(tmp_path)
    folder = Path(environment(tmp_path)["MODTUI_HOME"])
    file = folder / "config.toml"
    file.write_text(file.read_text("utf-8") + HOOK)
    vault = Vault(Paths(folder, folder / "state", folder / "cache").vault, write_private)
    vault.unlock(Secret(PASSPHRASE))
    wanted = Wanted("ops", "http://127.0.0.1:9", (), ("token",), "vault")
    vault.keep(wanted, {"token": Secret(TOKEN)})
    return tmp_path


def opened(home: Path) -> Terminal:
    return Terminal([sys.executable, "-m", "modtui"], environment(home), (80, 24))


def press(terminal: Terminal, *keys: str) -> None:
    """Press each key once the screen is at rest."""
    for key in keys:
        terminal.settle(0.6)
        terminal.send(key)


def test_the_passphrase_is_asked_for_once_and_never_shown(home: Path) -> None:
    with opened(home) as terminal:
        terminal.wait("The passphrase of the vault", PATIENCE)
        press(terminal, "mistyped it", "enter")
        terminal.wait("that is not the passphrase of the vault")
        press(terminal, PASSPHRASE, "enter")
        terminal.wait(lambda text: "harbour" in text and "live" in text, PATIENCE)
        terminal.settle()
        assert leave(terminal) == 0
        written = terminal.written
    assert TOKEN.encode() not in written
    assert PASSPHRASE.encode() not in written
    for file in home.rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes()
            assert PASSPHRASE.encode() not in file.read_bytes()


def no_address(terminal: Terminal) -> None:
    """Have no address that is a secret."""
    terminal.wait("address (the whole address")
    press(terminal, "enter")


def test_login_echoes_neither_secret_nor_passphrase(home: Path) -> None:
    argv = [sys.executable, "-m", "modtui", "login", "ops"]
    with Terminal(argv, environment(home), (120, 24)) as terminal:
        terminal.wait("token (sent as a bearer token):", PATIENCE)
        press(terminal, TOKEN, "enter")
        no_address(terminal)
        terminal.wait("Passphrase of the vault:")
        press(terminal, "mistyped it", "enter")
        terminal.wait("that is not the passphrase of the vault")
        press(terminal, PASSPHRASE, "enter")
        terminal.wait("Kept in the vault")
        assert terminal.ended() == 0
        written = terminal.written
    assert TOKEN.encode() not in written
    assert PASSPHRASE.encode() not in written


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_at_a_hidden_question_gives_the_echo_back(
    home: Path, number: signal.Signals
) -> None:
    argv = [sys.executable, "-m", "modtui", "login", "ops"]
    with Terminal(argv, environment(home), (120, 24)) as terminal:
        before = attributes(terminal.fd)
        terminal.wait("token (sent as a bearer token):", PATIENCE)
        terminal.wait(lambda _: attributes(terminal.fd) != before)
        terminal.kill(number)
        assert terminal.ended() == 128 + number
        assert terminal.status is not None
        assert os.WIFSIGNALED(terminal.status) == (number == signal.SIGQUIT)
        assert attributes(terminal.fd) == before


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_a_hidden_question_that_was_stopped_is_hidden_when_it_goes_on(
    home: Path, number: signal.Signals
) -> None:
    env = environment(home, PS1="shell>", HISTFILE="/dev/null")
    argv = ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"]
    with Terminal(argv, env, (120, 24)) as terminal:
        terminal.wait("shell>")
        before = attributes(terminal.fd)
        terminal.send(f"{sys.executable} -m modtui login ops\r")
        terminal.wait("token (sent as a bearer token):", PATIENCE)
        terminal.wait(lambda _: attributes(terminal.fd) != before)
        os.kill(os.tcgetpgrp(terminal.fd), number)
        terminal.wait("Stopped")
        terminal.wait(lambda _: attributes(terminal.fd) == before)
        terminal.send("fg\r")
        terminal.wait(lambda text: text.count("token (sent as a bearer token):") == 2)
        terminal.wait(lambda _: attributes(terminal.fd) != before)
        terminal.send(TOKEN, "enter")
        no_address(terminal)
        terminal.wait("Passphrase of the vault:")
        press(terminal, PASSPHRASE, "enter")
        terminal.wait("Kept in the vault")
        terminal.wait(lambda _: attributes(terminal.fd) == before)
        terminal.send("exit\r")
        assert terminal.ended() == 0
        assert TOKEN.encode() not in terminal.written


def test_what_is_no_text_at_a_hidden_question_is_asked_for_again(home: Path) -> None:
    argv = [sys.executable, "-m", "modtui", "login", "ops"]
    with Terminal(argv, environment(home), (120, 24)) as terminal:
        terminal.wait("token (sent as a bearer token):", PATIENCE)
        terminal.settle(0.6)
        terminal.put(b"caf\xe9\r")
        terminal.wait("what was typed is not text in the charset of this terminal")
        press(terminal, TOKEN, "enter")
        no_address(terminal)
        terminal.wait("Passphrase of the vault:")
        press(terminal, PASSPHRASE, "enter")
        terminal.wait("Kept in the vault")
        assert terminal.ended() == 0


def test_the_queue_opens_without_it(home: Path) -> None:
    with opened(home) as terminal:
        terminal.wait("Esc opens the queue without it", PATIENCE)
        press(terminal, "esc")
        terminal.wait(lambda text: "harbour" in text and "live" in text, PATIENCE)
        assert leave(terminal) == 0


def test_the_queue_in_lines_opens_without_it_too(home: Path) -> None:
    argv = [sys.executable, "-m", "modtui", "--plain"]
    with Terminal(argv, environment(home), (120, 24)) as terminal:
        terminal.wait("< goes back one question, at the first it opens the queue", PATIENCE)
        terminal.wait("The passphrase of the vault:")
        press(terminal, "<", "enter")
        terminal.wait("Queue, all, page 1", PATIENCE)
        press(terminal, "q", "enter")
        assert terminal.ended() == 0


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_passphrase_from_a_file_is_not_asked_for_if_it_is_private(home: Path, mode: int) -> None:
    file = home / "phrase"
    file.write_text(f"{PASSPHRASE}\n")
    file.chmod(mode)
    argv = [sys.executable, "-m", "modtui"]
    env = environment(home, MODTUI_VAULT_PASSPHRASE_FILE=str(file))
    with Terminal(argv, env, (80, 24)) as terminal:
        if mode != 0o600:
            terminal.wait("The passphrase of the vault", PATIENCE)
            assert f"{file} can be read by others: chmod 600".encode() in terminal.written
            press(terminal, PASSPHRASE, "enter")
        terminal.wait(lambda text: "harbour" in text and "live" in text, PATIENCE)
        terminal.settle()
        assert leave(terminal) == 0
    assert (b"The passphrase of the vault" in terminal.written) is (mode != 0o600)
    assert PASSPHRASE.encode() not in terminal.written
