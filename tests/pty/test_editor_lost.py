"""A line that is lost while an editor has the draft."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from tests.pty.community import leave, modtui, settle_in
from tests.pty.modes import CLEAN, modes
from tests.pty.terminal import Terminal
from tests.pty.test_line import state
from tests.pty.test_lost_lines import BOUND, drafts, quickly

# Editors of ours that do at a hang-up what editors do.
EDITOR = """#!/bin/sh
{before}
trap '{at_hang_up}; exit 1' HUP
trap '' INT
printf 'EDITOR HERE'
while :; do sleep 0.02; done
"""
SAVED = """printf 'saved in the editor\\n' > "$1" """
LIKE_NANO = """printf "as nano keeps it\\n" > "$1.save" """
LIKE_VIM = """printf "b0VIM of ours" > "$(dirname "$1")/.reply.txt.swp" """


def editor(home: Path, at_hang_up: str, before: str = ":") -> str:
    """An editor that does this."""
    path = home / "editor"
    path.write_text(EDITOR.format(before=before, at_hang_up=at_hang_up))
    path.chmod(0o700)
    return str(path)


def editing(terminal: Terminal) -> None:
    """Begin a reply and open the editor."""
    terminal.settle(0.6)
    terminal.send("r")
    terminal.wait("reply to the thread")
    terminal.settle()
    terminal.send("half a sent")
    terminal.wait("half a sent")
    terminal.send("\x0f")
    terminal.wait("EDITOR HERE")


def left(home: Path) -> list[str]:
    """What lies on the shelf of the editor."""
    shelf = home / "modtui" / "state" / "editing"
    return sorted(path.name for path in shelf.glob("*/*"))


CASES = {
    "nothing": (":", ":", "half a sent", []),
    "saved": (":", SAVED, "saved in the editor", []),
    "nano": (LIKE_NANO, ":", "as nano keeps it", []),
    "vim": (LIKE_VIM, ":", "half a sent", [".reply.txt.swp", "reply.txt"]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("how", ["hangs up", "terminated"])
def test_what_the_editor_had_comes_back_or_is_kept(tmp_path: Path, case: str, how: str) -> None:
    at_hang_up, before, draft, kept = CASES[case]
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24), EDITOR=editor(tmp_path, at_hang_up, before)) as terminal:
        editing(terminal)
        with quickly(BOUND):
            if how == "hangs up":
                assert terminal.hang_up() == 129
            else:
                terminal.kill(signal.SIGTERM)
                assert terminal.ended() == 143
        if how == "terminated":
            terminal.pump(0)
            assert modes(terminal.written) == CLEAN
    assert drafts(tmp_path) == [draft]
    assert left(tmp_path) == kept
    with modtui(tmp_path, (80, 24)) as terminal:
        named = "your editor left: ~/modtui/state/editing/modtui-"
        if kept:
            terminal.wait(named)
        else:
            terminal.settle(0.6)
            assert named not in terminal.text
        assert leave(terminal) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_a_key_that_ends_is_the_editors_while_it_is_there(tmp_path: Path, number: int) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24), EDITOR=editor(tmp_path, ":")) as terminal:
        editing(terminal)
        terminal.send("ctrl+c")
        terminal.kill(number)
        terminal.settle(0.6)
        assert state(terminal.pid) != "Z"
        with quickly():
            terminal.kill(signal.SIGHUP)
            assert terminal.ended() == 129


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_a_real_vim_keeps_its_swap_file_and_it_is_named(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (120, 40), EDITOR="vim -u NONE -c startinsert") as terminal:
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("\x0f")
        terminal.wait("reply.txt")
        terminal.settle()
        terminal.send("typed in vim")
        terminal.wait("typed in vim")
        assert terminal.hang_up() == 129
    assert any(name.endswith(".swp") for name in left(tmp_path))
    (swap,) = (tmp_path / "modtui" / "state" / "editing").glob("*/.*.swp")
    assert b"typed in vim" in swap.read_bytes()
    assert swap.parent.stat().st_mode & 0o777 == 0o700
    with modtui(tmp_path, (120, 40)) as terminal:
        terminal.wait("your editor left: ~/modtui/state/editing/modtui-")


def editor_that(does: str, folder: Path) -> str:
    """Return the path of an editor that is over at once."""
    path = folder / "quick"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o700)
    return str(path)


def test_a_text_from_the_editor_is_taken_and_nothing_is_left(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24), EDITOR=editor_that(SAVED, tmp_path)) as terminal:
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("\x0f")
        terminal.wait("saved in the editor")
        terminal.wait(lambda _: left(tmp_path) == [])


UNUSABLE = {
    "nothing changed": (":", "The editor changed nothing.", []),
    "an empty file": (': > "$1"', "The editor left an empty file. The text is as it was.", []),
    "no file": ('rm "$1"', "The editor left no file. The text is as it was.", []),
    "no folder": (
        'rm -r "$(dirname "$1")"',
        "The editor left no file. The text is as it was.",
        [],
    ),
    "another encoding": (
        r"""printf '\377' > "$1" """,
        "What the editor left is not UTF-8 text. The text is as it was, the editor's",
        ["reply.txt"],
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_taken_from_the_editor_takes_nothing(tmp_path: Path, case: str) -> None:
    does, said, kept = UNUSABLE[case]
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24), EDITOR=editor_that(does, tmp_path)) as terminal:
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("half a sent")
        terminal.wait("half a sent")
        terminal.send("\x0f")
        terminal.wait(lambda text: said in " ".join(text.split()))
        terminal.wait(lambda text: "half a sent" in text and left(tmp_path) == kept)


@pytest.mark.parametrize("how", ["hangs up", "terminated"])
def test_a_note_that_was_written_is_named_at_the_next_start(tmp_path: Path, how: str) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.settle(0.6)
        terminal.send("m")
        terminal.wait("Note for the team")
        terminal.settle()
        terminal.send("he asked twice")
        terminal.wait("he asked twice")
        with quickly():
            if how == "hangs up":
                assert terminal.hang_up() == 129
            else:
                terminal.kill(signal.SIGTERM)
                assert terminal.ended() == 143
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.wait("perhaps not done, its key shows it again: Note for the team on")
        assert leave(terminal) == 0
    (left,) = (tmp_path / "modtui" / "state" / "editing").glob("*/written.txt")
    assert left.read_text().endswith("\n\nhe asked twice\n")
