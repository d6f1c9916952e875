"""Views, search, palette, help and the author's record in a real terminal of 80 by 24."""

from __future__ import annotations

from pathlib import Path

from tests.pty.community import Community, cursor_row, leave, modtui, settle_in, told
from tests.pty.terminal import Terminal


def press(terminal: Terminal, *keys: str) -> None:
    """Press keys one after the other, each once the screen is at rest."""
    for key in keys:
        terminal.settle()
        terminal.send(key)


def test_a_view_a_search_and_the_palette_lead_to_a_thread_and_back(tmp_path: Path) -> None:
    settle_in(tmp_path, Community())
    with modtui(tmp_path, (80, 24)) as terminal:
        first = cursor_row(terminal)
        late = len(told(tmp_path, "queue", "--view", "late")["threads"])
        press(terminal, "f")
        terminal.wait("due within the hour, and late", 30)
        press(terminal, "д")
        terminal.wait(lambda text: f"of {late} · view late" in text, 30)
        press(terminal, "f", "a")
        terminal.wait("row ", 30)
        press(terminal, "/")
        terminal.wait("search titles, authors, posts, ids", 30)
        terminal.send("rtp")
        terminal.wait(" of 30", 30)
        press(terminal, "enter")
        terminal.wait("go from match to match, Esc ends", 30)
        press(terminal, "esc", "g", "g")
        press(terminal, ":")
        terminal.wait("What do you want to do?", 30)
        terminal.send("my last twenty")
        press(terminal, "enter")
        terminal.wait("You have done nothing here yet.", 30)
        press(terminal, "esc")
        # The minutes move; the thread does not.
        terminal.wait(lambda _: cursor_row(terminal).split()[2:] == first.split()[2:])
        assert leave(terminal) == 0


def test_the_help_tells_of_this_thread_and_a_note_about_an_author_stays(tmp_path: Path) -> None:
    settle_in(tmp_path, Community())
    with modtui(tmp_path, (80, 24)) as terminal:
        press(terminal, "?")
        terminal.wait("THE DEADLINE OF", 30)
        terminal.wait("keep: dismiss")
        press(terminal, "q", "w")
        terminal.wait("NOTES OF THE TEAM  none", 30)
        press(terminal, "m")
        terminal.wait("nobody outside sees it", 30)
        terminal.send("asks every week")
        press(terminal, "enter")
        terminal.wait("mod-a: asks every week", 30)
        press(terminal, "q")
        assert leave(terminal) == 0
    with modtui(tmp_path, (80, 24)) as terminal:
        press(terminal, "w")
        terminal.wait("mod-a: asks every week", 30)
