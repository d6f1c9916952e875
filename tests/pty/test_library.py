"""The library edited in a real terminal, with an editor that is a script."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.pty.community import leave, modtui, settle_in

SCRIPT = """\
#!/bin/sh
printf '\\033[2J\\033[HEDITOR HERE on %s' "$*"
read words
sed -i "s/^title = .*/title = \\"$words\\"/" "$2"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A community with a folder for its replies, and `vi`, which is the script."""
    settle_in(tmp_path)
    config = tmp_path / "modtui" / "config.toml"
    config.write_text(
        config.read_text("utf-8") + '\n[library]\nfolders = ["~/replies"]\n', encoding="utf-8"
    )
    editor = tmp_path / "bin" / "vi"
    editor.parent.mkdir()
    editor.write_text(SCRIPT)
    editor.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_an_edited_entry_is_what_its_digit_offers(home: Path, size: tuple[int, int]) -> None:
    with modtui(home, size, EDITOR=str(home / "bin" / "vi")) as terminal:
        terminal.send("g", "l")
        terminal.wait("! ~/replies: no such folder · N makes it")
        terminal.wait("KYC steps")
        terminal.send("/")
        terminal.settle()
        terminal.send("kyc-steps", "enter")
        terminal.wait("1 entry with")
        terminal.settle(0.6)
        terminal.send("5")
        terminal.wait("is on 5 now")
        terminal.settle(0.6)
        terminal.send("e")
        copied = home / "replies" / "kyc-steps.toml"
        terminal.wait(lambda text: "EDITOR HERE on +2" in text and "kyc-steps.toml" in text, 30)
        assert (copied.stat().st_mode & 0o777, copied.parent.stat().st_mode & 0o777) == (
            0o600,
            0o700,
        )
        terminal.send("Written at night\r")
        terminal.wait("read again: ~/replies/kyc-steps.toml", 30)
        assert "EDITOR HERE" not in terminal.text
        terminal.wait("▌5  Written at night")
        terminal.send("esc")
        terminal.wait("35 entries")
        terminal.send("q")
        terminal.wait("post 1")
        terminal.settle(0.6)
        terminal.send("5")
        terminal.wait("5 Written at night · PUBLIC")
        terminal.send("esc")
        terminal.settle()
        assert leave(terminal) == 0
    assert 'title = "Written at night"' in copied.read_text("utf-8")


def test_an_editor_that_is_broken_off_loses_nothing_and_leaves_modtui_running(home: Path) -> None:
    with modtui(home, (80, 24), EDITOR=str(home / "bin" / "vi")) as terminal:
        terminal.send("g", "l")
        terminal.wait("KYC steps")
        terminal.settle(0.6)
        terminal.send("e")
        terminal.wait("EDITOR HERE", 30)
        terminal.send("ctrl+c")
        terminal.wait("vi ended with", 30)
        assert list((home / "replies").iterdir()) == []
        terminal.send("q")
        terminal.wait("post 1")
        assert leave(terminal) == 0


def test_a_reply_is_written_in_the_editor_and_comes_back(home: Path) -> None:
    editor = "sh -c 'echo and from the editor >> \"$0\"'"
    with modtui(home, (80, 24), EDITOR=editor) as terminal:
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("who sees it")
        terminal.send("By hand ")
        terminal.wait("draft saved")
        terminal.send("\x0f")
        terminal.wait("By hand and from the editor", 30)
        terminal.wait("who sees it")
        terminal.send("esc")
        terminal.settle()
        assert leave(terminal) == 0


def joined(screen: str) -> str:
    """The screen with its lines one after the other, as an editor's long line is broken."""
    return screen.replace("\n", "")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_an_answer_by_hand_becomes_an_entry_of_the_library(
    home: Path, size: tuple[int, int]
) -> None:
    config = home / "modtui" / "config.toml"
    at_once = config.read_text("utf-8").replace('undo_window = "10s"', 'undo_window = "0s"')
    config.write_text(at_once, "utf-8")
    title = "Witam, pierwszy post"
    with modtui(home, size, EDITOR=str(home / "bin" / "vi")) as terminal:
        terminal.settle(0.6)
        terminal.send("/")
        terminal.settle()
        terminal.send("Witam, pierwszy", "enter")
        terminal.wait("match 1 of 1: n N")
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("who sees it")
        terminal.send("Witam {2 razy}, memy prosimy wrzucać raz w tygodniu, w piątek.")
        terminal.wait("draft saved")
        terminal.send("ctrl+s")
        terminal.wait("Enter sends: as support")
        terminal.settle(0.6)
        terminal.send("enter")
        terminal.wait("sent ", 30)
        terminal.settle(0.6)
        terminal.send("g", "l")
        terminal.wait("KYC steps")
        terminal.settle(0.6)
        terminal.send("w")
        terminal.wait(lambda text: f"pl  {title}" in text and "asked:" in text, 30)
        terminal.settle(0.6)
        terminal.send("N")
        made = home / "replies" / "witam-pierwszy-post.toml"
        terminal.wait(lambda text: "EDITOR HERE on +3" in text and made.name in joined(text), 30)
        (entry,) = tomllib.loads(made.read_text("utf-8"))["reply"]
        assert entry["pl"] == {
            "title": title,
            "body": "Witam (2 razy), memy prosimy wrzucać raz w tygodniu, w piątek.",
            "approved_by": "",
        }
        assert entry["examples"]
        terminal.send("Memy w piątek\r")
        terminal.wait("read again: ~/replies/witam-pierwszy-post.toml", 30)
        terminal.wait("▌   Memy w piątek")
        terminal.settle(0.6)
        terminal.send("w")
        terminal.wait(lambda text: "has a good reply by now" in " ".join(text.split()), 30)
        terminal.send("esc")
        terminal.settle()
        assert leave(terminal) == 0
