"""Which terminals erase with the background that they write with."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.terminal import erasing
from modtui.terminal.erasing import BCE, erases_coloured

NAMED = (
    "xterm", "xterm-256color", "xterm-direct", "xterm-ghostty", "linux", "alacritty", "foot",
    "foot-extra", "rxvt-unicode-256color", "konsole-256color", "vte-256color", "wezterm",
    "ghostty", "iterm2", "mlterm", "st-256color",
)  # fmt: skip
OTHERS = ("", "xterm-kitty", "xterm-mono", "vt220", "ansi", "strange", "../linux", "starfish")


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "PLACES", ())


def compiled(folder: Path, term: str, *, flag: bool, letter: str = "", wide: bool = False) -> None:
    """Write an entry as tic(1) does, with no more than flags."""
    names = f"{term}|a terminal of a test".encode() + b"\0"
    flags = bytes(BCE) + bytes((flag,))
    magic = 0o1036 if wide else 0o432
    sizes = (magic, len(names), len(flags), 0, 0, 0)
    entry = b"".join(size.to_bytes(2, "little") for size in sizes) + names + flags
    path = folder / (letter or term[0]) / term
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(entry)


@pytest.mark.parametrize("term", NAMED)
def test_known_terminals_do(term: str) -> None:
    assert erases_coloured({"TERM": term})
    assert not erases_coloured({"TERM": term, "MODTUI_NO_BCE": "1"})


@pytest.mark.parametrize("term", OTHERS)
def test_others_do_not(term: str) -> None:
    assert not erases_coloured({"TERM": term})


@pytest.mark.parametrize("term", ["screen", "screen-256color", "screen.xterm-256color"])
def test_gnu_screen_does_not_whatever_its_entry_says(term: str, tmp_path: Path) -> None:
    compiled(tmp_path, term, flag=True)
    assert not erases_coloured({"TERM": term, "TERMINFO": str(tmp_path)})
    assert not erases_coloured({"TERM": "xterm-256color", "STY": "1.tty"})


def test_tmux_does_whatever_its_entry_says_and_around_it_is(tmp_path: Path) -> None:
    compiled(tmp_path, "tmux-256color", flag=False)
    assert erases_coloured({"TERM": "tmux-256color", "STY": "1.t", "TERMINFO": str(tmp_path)})


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("letter", ["", "78"])
def test_an_installed_entry_wins(tmp_path: Path, letter: str, wide: bool) -> None:
    compiled(tmp_path, "xterm-256color", flag=False, letter=letter, wide=wide)
    assert not erases_coloured({"TERM": "xterm-256color", "TERMINFO": str(tmp_path)})
    assert not erases_coloured({"TERM": "xterm-256color", "TERMINFO_DIRS": f":{tmp_path}"})
    compiled(tmp_path / ".terminfo", "xeno", flag=True, letter=letter, wide=wide)
    assert erases_coloured({"TERM": "xeno", "HOME": str(tmp_path)})


@pytest.mark.parametrize(
    "entry", [b"", b"\x1a\x01", b"no entry at all", b"\x1a\x01\xff\xff\xff\xff"]
)
def test_an_entry_that_is_broken_says_nothing_or_no(tmp_path: Path, entry: bytes) -> None:
    path = tmp_path / "s" / "strange"
    path.parent.mkdir()
    path.write_bytes(entry)
    assert not erases_coloured({"TERM": "strange", "TERMINFO": str(tmp_path)})
