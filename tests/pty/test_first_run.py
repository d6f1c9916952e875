"""From nothing to a queue, with keys alone; and the same steps on a line."""

from __future__ import annotations

import re
import signal
import sys
import tomllib
from pathlib import Path

from tests.pty.community import command, environment, leave, settle_in, told
from tests.pty.terminal import Terminal

SETTLE = 0.6
PATIENCE = 30.0


def opened(home: Path, *words: str, size: tuple[int, int] = (80, 24)) -> Terminal:
    argv = [sys.executable, "-m", "modtui", *words]
    return Terminal(argv, environment(home, TZ="Europe/Warsaw", USER="mod-a"), size)


def press(terminal: Terminal, *keys: str) -> None:
    """Press each key once the screen is at rest."""
    for key in keys:
        terminal.settle(SETTLE)
        terminal.send(key)


def filed(home: Path, name: str) -> object:
    return tomllib.loads((home / "modtui" / "config.d" / f"{name}.toml").read_text("utf-8"))


def test_nothing_configured_and_the_demo_is_one_key_away(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.wait("1  try the demo", PATIENCE)
        press(terminal, "1")
        terminal.wait(lambda text: "live 3/3" in text and "harbour" in text, PATIENCE)
        assert leave(terminal) == 0
    assert not (tmp_path / "modtui" / "config.d").exists()


def test_an_account_with_keys_alone_and_the_queue_opens(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.wait("2  connect a community", PATIENCE)
        press(terminal, "2")
        terminal.wait("demo: a pretend community")
        press(terminal, "down", "enter")
        terminal.wait("Name of this account")
        press(terminal, "enter")
        terminal.wait("2  go through them")
        press(terminal, "1")
        terminal.wait("A pretend forum with 14 flagged threads")
        press(terminal, "enter")
        terminal.wait("You post on demo as support (moderator).")
        assert re.search(r"Can: .*Cannot: .*To send to whoever runs it: ", terminal.text, re.S)
        assert "Ctrl+Y copies the text" in terminal.text
        press(terminal, "ctrl+y")
        terminal.wait("sent to the terminal's clipboard: send it to an admin")
        press(terminal, "enter")
        shown = terminal.wait("This holds from now on")
        assert "You are mod-a; times are in Europe/Warsaw." in shown
        assert "round the clock, first response 2h" in shown
        assert "modtui init" in shown
        press(terminal, "e")
        terminal.wait("Your name")
        press(terminal, "ctrl+u", "kasia")
        press(terminal, "enter", "enter", "enter", "enter")
        terminal.wait("You are kasia")
        press(terminal, "enter")
        terminal.wait(lambda text: "live 1/1" in text and "open 14" in text, PATIENCE)
        terminal.wait("demo: read 14 threads", PATIENCE)
        assert leave(terminal) == 0
    assert filed(tmp_path, "demo") == {"account": [{"name": "demo", "connector": "demo"}]}
    person = filed(tmp_path, "moderator")
    assert isinstance(person, dict)
    assert (person["moderator"]["name"], person["moderator"]["timezone"]) == (
        "kasia", "Europe/Warsaw",
    )  # fmt: skip
    assert told(tmp_path, "queue")["counts"]["open"] >= 14


def test_esc_goes_back_and_nothing_is_written(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.wait("2  connect a community", PATIENCE)
        press(terminal, "2")
        terminal.wait("matrix: Matrix with Synapse")
        press(terminal, "1")
        terminal.wait("Address of matrix")
        press(terminal, "enter")
        terminal.wait("an address is needed")
        press(terminal, "esc")
        terminal.wait(lambda text: "Platform" in text and "an address" not in text)
        press(terminal, "esc", "esc")
        terminal.wait("this is the first question")
        press(terminal, "ctrl+c")
        terminal.wait("Ctrl+Q leaves modtui")
        press(terminal, "ctrl+q")
        assert terminal.ended() == 0
    assert not (tmp_path / "modtui" / "config.d").exists()


def test_terminate_restores_the_terminal(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        terminal.wait("2  connect a community", PATIENCE)
        terminal.kill(signal.SIGTERM)
        assert terminal.ended() == 143
        assert b"\x1b[?1049l" in terminal.written


def test_init_asks_the_same_on_a_line(tmp_path: Path) -> None:
    with opened(tmp_path, "init", size=(100, 40)) as terminal:
        terminal.wait("< goes back one question", PATIENCE)
        terminal.wait("Which [1]")
        for text, shown in (
            ("2", "Name of this account [demo]"),
            ("Harbour", "is not a name"),
            ("harbour", "2  go through them"),
            ("<", "Name of this account [harbour]"),
            ("", "2  go through them"),
            ("", "is it this one?"),
            ("", "You post on harbour as support"),
            ("1", "This holds from now on"),
            ("9", "one of 1, e"),
            ("1", "Next: modtui"),
        ):
            terminal.settle()
            terminal.send(text, "enter")
            terminal.wait(shown, PATIENCE)
        assert terminal.ended() == 0
    assert filed(tmp_path, "harbour") == {"account": [{"name": "harbour", "connector": "demo"}]}
    assert command(tmp_path, "sync", "--once").stdout.startswith("harbour: done, read 14 threads")


def test_what_is_old_is_put_aside_said_once_and_taken_up_by_a_claim(tmp_path: Path) -> None:
    settle_in(tmp_path)
    file = tmp_path / "modtui" / "config.toml"
    file.write_text(file.read_text("utf-8").replace("rate = 0", 'rate = 0\nbacklog = "30m"'))
    with opened(tmp_path) as terminal:
        text = terminal.wait("are put aside: filter backlog", PATIENCE)
        found = re.search(r"read 30 threads · (\d+) older than 30 min are put aside", text)
        assert found, text
        aside = int(found[1])
        terminal.wait(f"open {30 - aside}")
        press(terminal, "f", "b")
        terminal.wait(f"row 1 of {aside}")
        press(terminal, "c")
        terminal.wait(f"open {31 - aside}")
        terminal.wait("mine 1")
        assert leave(terminal) == 0
    counts = told(tmp_path, "queue")["counts"]
    assert (counts["open"], counts["mine"]) == (31 - aside, 1)
    said = command(tmp_path, "sync", "--once").stdout
    assert said == "harbour: done\n"


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    done = command(tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (4, 1)
    assert "modtui init connects a community" in done.stderr
