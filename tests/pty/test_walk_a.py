"""Walk (a): a quiet night with six flags, each decided with the keys on the last line."""

from __future__ import annotations

from pathlib import Path

from tests.pty.community import Community, leave, settle_in, told
from tests.pty.walk import walk


def test_a_quiet_night_with_six_flags(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6, undo="0s"))
    with walk("a-quiet-night", tmp_path, "A quiet night: six flags", size=(80, 24)) as night:
        night.see("open 6")
        night.tell("Six threads are open, the one due first under the cursor.")
        night.shot()
        night.tell("A typical question has its reply on a key: `1` shows it, Enter sends it.")
        night.press("1")
        night.see("Enter sends")
        night.shot()
        night.press("enter")
        night.see("sent ")
        night.tell("The next one is answered the same way, from its own screen.")
        night.press("enter", "1")
        night.see("Enter sends")
        night.press("enter")
        night.see("open 4")
        night.tell("This one needs payments: `e`, what they need to know, Enter.")
        night.press("e")
        night.see("Escalate")
        night.type("Refund looks short by half, please compare with the bet.")
        night.shot()
        night.press("enter")
        night.see("open 3")
        night.tell("This author should have asked the support desk: kept, and done.")
        night.press("a")
        night.see("open 2")
        night.tell("One is for the morning.")
        night.press("z")
        night.see("Snooze")
        night.press("enter")
        night.see("open 1")
        night.tell("The last one is answered in one's own words.")
        night.press("r")
        night.see("who sees it")
        night.type("We look into it and write here before noon.")
        night.press("ctrl+s")
        night.tell(
            "It is in another language than the thread: the check says so, Enter twice sends."
        )
        night.see("Enter twice sends: as")
        night.shot()
        night.press("enter")
        night.see("Once more sends it all the same")
        night.press("enter")
        night.see("open 0")
        night.tell("Nothing is open. What waits for others keeps its line.")
        night.shot()
        assert leave(night.terminal) == 0
    rows = told(tmp_path, "deliveries")["deliveries"]
    assert {row["state"] for row in rows} == {"sent"}
    assert sorted(row["kind"] for row in rows) == ["dismiss", "reply", "reply", "reply"]
    counts = told(tmp_path, "queue")["counts"]
    assert (counts["open"], counts["waiting"], counts["snoozed"], counts["escalated"]) == (
        0,
        3,
        1,
        1,
    )
