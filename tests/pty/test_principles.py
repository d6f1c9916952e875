"""The principles of the screens, shown with keys in a real terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pty.community import Community, cursor_row, leave, modtui, settle_in, told
from tests.pty.terminal import Terminal


@pytest.fixture
def home(tmp_path: Path) -> Path:
    settle_in(tmp_path)
    return tmp_path


def what(row: str) -> str:
    """The words of a list row, without its time and the pane beside it."""
    return " ".join(row.partition("│")[0].split()[2:])


def under(terminal: Terminal) -> str:
    """The words of the row under the cursor, "" while none is painted."""
    rows = [line for line in terminal.lines[2:] if line.startswith("▌")]
    return what(rows[0][1:]) if rows else ""


def without_clock(line: str) -> str:
    """The first line without what time alone changes."""
    return re.sub(r"\d\d:\d\d\s*$|next \S+|\d+ late", "", line).rstrip()


def ready(terminal: Terminal) -> None:
    """Wait until acting keys count again: 400 ms after the new thread was painted."""
    terminal.settle(0.6)


def test_a_removal_names_author_words_and_what_the_platform_does(home: Path) -> None:
    with modtui(home) as terminal:
        author = re.search(r"│ (\S+) · (?:new here|regular)", terminal.text)
        assert author, terminal.text
        terminal.send("x")
        shown = terminal.wait("Rule 2: no spam")
        assert f"the post of {author[1]}" in shown
        assert "Esc leave" in terminal.lines[-1] + terminal.lines[-2]
        terminal.send("esc")
        terminal.wait(lambda text: "Rule 2: no spam" not in text)
        assert leave(terminal) == 0
    assert told(home, "deliveries")["deliveries"] == []


def test_what_is_for_good_takes_y_and_nothing_else_does(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(profile="chat"))
    with modtui(tmp_path) as terminal:
        terminal.send("y")
        terminal.settle()
        assert "pending" not in terminal.text
        terminal.send("x")
        terminal.wait("Rule 2: no spam")
        ready(terminal)
        terminal.send("2")
        terminal.wait("▸ 2 Rule 2")
        terminal.send("enter")
        terminal.wait("y does it")
        assert "pending" not in terminal.text
        terminal.send("y")
        terminal.wait("pending")
        leave(terminal)
    (row,) = [d for d in told(tmp_path, "deliveries")["deliveries"] if d["kind"] == "hide"]
    assert row["state"] in ("queued", "sent", "sending")


def test_the_reply_line_says_as_whom_where_and_what_follows(home: Path) -> None:
    with modtui(home) as terminal:
        terminal.send("r")
        terminal.wait("who sees it")
        terminal.send("Hello, we look into it")
        terminal.wait("draft saved")
        terminal.send("enter")
        terminal.settle()
        assert "pending" not in terminal.text, "Enter in the text is a new line"
        terminal.send("ctrl+s")
        line = terminal.wait("Enter sends: as")
        assert re.search(r"Enter sends: as \S.*sees it, then: wait for\s+author", line, re.S)
        terminal.send("enter")
        terminal.wait("pending")
        leave(terminal)
    (row,) = told(home, "deliveries")["deliveries"]
    assert row["kind"] == "reply"


def test_keys_pressed_before_the_paint_are_dropped_and_said_so(home: Path) -> None:
    with modtui(home) as terminal:
        ready(terminal)
        terminal.send("a", "a")
        terminal.wait("dropped")
        leave(terminal)
    rows = told(home, "deliveries")["deliveries"]
    assert [row["kind"] for row in rows] == ["dismiss"]


def test_a_paste_outside_a_text_box_does_nothing(home: Path) -> None:
    with modtui(home) as terminal:
        before = cursor_row(terminal)
        terminal.send("adxebszLamdxaebszLamdxaeb")
        terminal.wait("dropped: a paste")
        assert what(cursor_row(terminal)) == what(before)
        leave(terminal)
    assert told(home, "deliveries")["deliveries"] == []


def test_first_and_last_lines_are_the_same_everywhere(home: Path) -> None:
    with modtui(home) as terminal:
        first = without_clock(terminal.lines[0])
        assert "open" in first
        assert "live 1/1" in first
        for keys, shows in ((["enter"], "J K"), (["q"], "view: all"), (["g", "d"], "take back"),
                            (["g", "a"], "try again"), (["g", "q"], "view: all")):  # fmt: skip
            terminal.send(*keys)
            terminal.wait(shows)
            terminal.settle()
            terminal.wait(lambda _: without_clock(terminal.lines[0]) == first)
        terminal.send("z")
        terminal.wait("Snooze")
        assert without_clock(terminal.lines[0]) == first
        terminal.send("esc")
        leave(terminal)


def test_after_a_finishing_action_the_cursor_goes_on(home: Path) -> None:
    with modtui(home) as terminal:
        rows = [line[1:] for line in terminal.lines[3:6]]
        ready(terminal)
        terminal.send("a")
        terminal.wait("pending")
        terminal.wait(lambda _: what(cursor_row(terminal)) == what(rows[1]))
        leave(terminal)


def test_undo_names_its_target_and_takes_the_decision_back(home: Path) -> None:
    with modtui(home) as terminal:
        title = terminal.lines[1].partition("│")[2] or terminal.lines[2].partition("│")[2]
        assert title.strip()
        ready(terminal)
        terminal.send("a")
        terminal.wait("u takes it back")
        terminal.send("u")
        terminal.wait("taken back:")
        leave(terminal)
    (row,) = told(home, "deliveries")["deliveries"]
    assert (row["kind"], row["state"]) == ("dismiss", "cancelled")
    assert told(home, "queue")["counts"]["open"] == 30


def test_ctrl_l_repaints_everything(home: Path) -> None:
    with modtui(home) as terminal:
        terminal.settle()
        before = terminal.lines[5:30]
        terminal.screen.erase_in_display(2)
        assert not "".join(terminal.lines).strip()
        terminal.send("ctrl+l")
        terminal.wait("view: all")
        painted = [what(line) for line in before]
        terminal.wait(lambda _: [what(line) for line in terminal.lines[5:30]] == painted)
        leave(terminal)


def test_at_80_columns_the_post_is_never_dropped(home: Path) -> None:
    with modtui(home, (80, 24)) as terminal:
        assert "post 1/" in terminal.text
        body = "\n".join(terminal.lines[12:])
        assert re.search(r"\S+ · (new here|regular)", body), terminal.text
        terminal.send("x")
        terminal.wait("Rule 2: no spam")
        terminal.send("esc")
        leave(terminal)


def test_the_right_thread_is_hit_while_the_queue_moves(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(rate=600))
    with modtui(tmp_path) as terminal:
        chosen = what(cursor_row(terminal))
        for _ in range(2):
            terminal.send("j")
            terminal.wait(lambda _, left=chosen: under(terminal) not in ("", left))
            chosen = under(terminal)
        first = terminal.lines[0]
        terminal.wait(lambda _: without_clock(terminal.lines[0]) != without_clock(first), 30)
        terminal.wait(lambda _: "new since you moved" in terminal.text, 30)
        assert what(cursor_row(terminal)) == chosen
        # A thread that the pane does not show yet is not acted on.
        terminal.wait(lambda _: (terminal.lines[2].partition("│")[2].strip()[:8] or "?") in chosen)
        terminal.send("a")
        terminal.wait("pending")
        status = next(line for line in terminal.lines if "pending" in line)
        leave(terminal)
    (row,) = [d for d in told(tmp_path, "deliveries")["deliveries"] if d["kind"] == "dismiss"]
    thread = told(tmp_path, "show", str(row["thread"]))
    assert thread["title"][:12] in status
    assert thread["title"][:8] in chosen


def test_killed_in_the_middle_nothing_is_lost(home: Path) -> None:
    with modtui(home) as terminal:
        terminal.send("r")
        terminal.wait("who sees it")
        terminal.send("half a sentence")
        terminal.wait("draft saved")
        terminal.kill()
        assert terminal.ended() == 137
    with modtui(home) as terminal:
        terminal.wait("1 draft")
        leave(terminal)
