"""Foreign keyboards, the user's keys and themes in a real terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pty.community import Community, command, leave, modtui, settle_in, told
from tests.pty.test_lost_lines import drafts


def settle(home: Path, keyboards: str, more: str = "") -> None:
    """Configure a quiet community for someone with these `keyboards`."""
    settle_in(home, Community())
    file = home / "modtui" / "config.toml"
    text = file.read_text("utf-8").replace(
        "[moderator]\n", f"{more}\n[moderator]\nkeyboards = {keyboards}\n"
    )
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("keyboards", "go", "remove", "write", "words"),
    [
        ('["kz", "ru"]', "пв", "ч", "к", "Қателік түзетілді, спасибо"),
        ('["ge"]', "გდ", "ხ", "რ", "მადლობა, ვნახავთ"),
        ('["ge-ergonomic"]', "ოა", "ჰ", "ძ", "მადლობა, ვნახავთ"),
    ],
)
def test_letters_do_what_their_keys_do_and_stay_letters_in_a_text(
    tmp_path: Path, keyboards: str, go: str, remove: str, write: str, words: str
) -> None:
    settle(tmp_path, keyboards)
    with modtui(tmp_path) as terminal:
        terminal.send(*go)
        terminal.wait("Nothing is on its way")
        terminal.send(go[0], "q")
        terminal.wait("view: all")
        terminal.settle(0.6)
        terminal.send(remove)
        terminal.wait("Rule 2: no spam")
        terminal.send("esc")
        terminal.wait(lambda text: "Rule 2: no spam" not in text)
        terminal.settle(0.6)
        terminal.send(write)
        terminal.wait("who sees it")
        terminal.send(words)
        terminal.wait("draft saved")
        assert words in terminal.text
        terminal.send("ctrl+s")
        terminal.wait("sends: as")
        if "Enter twice sends" in " ".join(terminal.text.split()):
            # The words are in the language of the keyboard, not of the thread.
            terminal.send("enter")
            terminal.wait("Once more sends it all the same")
            terminal.settle(0.6)
        terminal.send("enter")
        terminal.wait("pending")
        assert leave(terminal) == 0
    (row,) = told(tmp_path, "deliveries")["deliveries"]
    assert row["kind"] == "reply"


def test_the_kazakh_digit_row_and_the_kitty_keyboard(tmp_path: Path) -> None:
    settle(tmp_path, '["kz"]')
    with modtui(tmp_path) as terminal:
        terminal.send("\x1b[1179u")
        terminal.wait("Find a reply in the library")
        terminal.send("\x1b[1179;;1179u")
        terminal.wait("қ")
        terminal.send("esc")
        terminal.settle(0.6)
        terminal.send("\x1b[1072;5u")
        terminal.wait("search titles, authors, posts, ids")
        terminal.send("esc")
        terminal.settle(0.6)
        terminal.send("ә")
        terminal.wait("Enter sends")
        terminal.send("esc")
        assert leave(terminal) == 0


def test_a_terminal_that_tells_the_base_layout_too_is_understood(tmp_path: Path) -> None:
    settle(tmp_path, '["ru"]')
    with modtui(tmp_path) as terminal:
        # Ctrl+F and r, pressed and let go, where another program left all of the protocol on.
        terminal.send("\x1b[1072::102;5u", "\x1b[1072::102;5:3u")
        terminal.wait("search titles, authors, posts, ids")
        terminal.send("esc")
        terminal.settle(0.6)
        terminal.send("\x1b[1082::114;1:1;1082u", "\x1b[1082::114;1:3u")
        terminal.wait("who sees it")
        terminal.settle(0.6)
        terminal.send("\x1b[1082:1050:114;2;1050u", "\x1b[1082:1050:114;2:3u")
        terminal.wait("draft saved")
        terminal.send("esc")
        terminal.settle(0.6)
        assert leave(terminal) == 0
    assert drafts(tmp_path) == ["К"]


def test_moved_keys_and_a_theme_of_ones_own(tmp_path: Path) -> None:
    settle(tmp_path, "[]", 'theme = "mine"\nkeymap = "left.toml"')
    folder = tmp_path / "modtui"
    (folder / "left.toml").write_text('[keys]\n"queue.reply" = "R,ctrl+y"\n', encoding="utf-8")
    (folder / "themes").mkdir()
    night = (Path(__file__).parents[2] / "themes" / "night.toml").read_text("utf-8")
    mine = folder / "themes" / "mine.toml"
    mine.write_text(night.replace('"night"', '"mine"').replace("#121212", "#123456"), "utf-8")
    with modtui(tmp_path, COLORTERM="truecolor") as terminal:
        terminal.wait("R write")
        assert terminal.screen.buffer[20][10].bg == "123456"
        terminal.send("r")
        terminal.settle()
        assert "who sees it" not in terminal.text
        terminal.send("R")
        terminal.wait("who sees it")
        terminal.send("esc")
        assert leave(terminal) == 0
    mine.write_text(mine.read_text("utf-8").replace("primary =", "primry ="), "utf-8")
    failed = [c for c in _doctor(tmp_path) if not c["ok"]]
    assert "mine.toml:4: primry: unknown" in failed[0]["detail"]


def _doctor(home: Path) -> list[dict[str, str]]:
    import json

    checks: list[dict[str, str]] = json.loads(command(home, "doctor", "--json").stdout)["checks"]
    return checks
