"""The app from its command, in a real terminal."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell
from tests.pty.terminal import Terminal


def opened(*args: str, size: tuple[int, int] = (120, 40)) -> Terminal:
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return Terminal([sys.executable, "-m", "modtui", *args], env, size, ROOT)


def test_the_demo_shows_a_queue_and_keeps_nothing(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with opened("demo", "--threads", "30") as terminal:
        terminal.wait(lambda text: all(part in text for part in ("harbour", "lounge", "live 3/3")))
        assert list(tmp_path.glob("modtui-demo-*"))
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
    assert not list(tmp_path.glob("modtui-demo-*"))
    assert not shell.home.exists()


def test_the_app_opens_on_what_was_stored(desk: Shell) -> None:
    with opened(size=(80, 24)) as terminal:
        terminal.wait("open 12")
        terminal.send("ctrl+q")
        assert terminal.ended() == 0


def test_an_unknown_theme_is_named(desk: Shell) -> None:
    file = desk.home / "config.toml"
    file.write_text('theme = "nigth"\n' + file.read_text())
    with opened() as terminal:
        assert terminal.ended() == 4
        # Where a line ends depends on how long the path is.
        told = "".join(terminal.settle().split())
    assert 'config.toml:1:theme:thereisnotheme"nigth"(didyoumean"night"?)' in told
