"""Walk (i): the wrong post removed, then undone: inside the window, and after it."""

from __future__ import annotations

from pathlib import Path

from tests.pty.community import Community, command, leave, settle_in, told
from tests.pty.test_lost_lines import until
from tests.pty.walk import walk

ENDED = [
    ("hide", "cancelled"),
    ("hide", "sent"),
    ("reply", "sent"),
    ("restore", "sent"),
]


def ended(home: Path) -> list[tuple[str, str]]:
    """The deliveries and how each ended."""
    rows = told(home, "deliveries")["deliveries"]
    return sorted((row["kind"], row["state"]) for row in rows)


def test_the_wrong_post_is_taken_back_before_it_was_removed_and_after(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6, undo="8s"))
    with walk("i-wrong-post", tmp_path, "The wrong post removed, and undone", (80, 24)) as night:
        night.see("open 6")
        night.tell("A slip: this post was to be answered, and `x` `2` Enter removes it.")
        night.press("x")
        night.see("Rule 1: no threats")
        night.press("2")
        night.see("▸ 2 Rule 2")
        night.shot()
        night.press("enter")
        night.see("pending")
        night.tell("Within the undo window `u` takes it back: nothing has left the machine.")
        night.terminal.send("u")
        night.see("taken back: remove post of")
        night.shot()
        night.tell("Once more, and this time the window is over before anybody notices.")
        night.press("x")
        night.see("Rule 1: no threats")
        night.press("2")
        night.see("▸ 2 Rule 2")
        night.press("enter")
        night.see("sent ")
        night.shot()
        night.tell(
            "`u` brings the post back there. The removal was seen: a reply says whose fault it was."
        )
        night.press("u")
        night.see("The removal was seen there")
        night.shot()
        night.press("enter")
        night.see("by mistake and have brought it back")
        night.shot()
        night.press("enter")
        night.see("reply →")
        night.tell("Both are on their way, one after the other.")
        night.shot()
        assert leave(night.terminal) == 0
    assert command(tmp_path, "drain").returncode == 0
    until(lambda: ended(tmp_path) == ENDED, "it does not end so")
