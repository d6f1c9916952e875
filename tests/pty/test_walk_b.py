"""Walk (b): a pile-on of eighty flags in ten minutes, with twenty others in the queue."""

from __future__ import annotations

import re
from pathlib import Path

from tests.pty.community import Community, leave, settle_in, told
from tests.pty.walk import walk

PATIENT = 60.0


def test_a_pile_on_of_eighty_flags_with_twenty_others(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="pile-on", threads=21, undo="3s"))
    with walk("b-pile-on", tmp_path, "A pile-on, and twenty others") as night:
        night.see(lambda text: re.search(r"pile-on +ru 8\d ↑\d", text) is not None)
        night.tell(
            "Twenty-one threads. One of them is a pile-on: one row, eighty flags, eight a minute."
        )
        night.shot()
        night.tell("Search goes there, by words of its first post.")
        night.press("/")
        night.type("Админы, верните")
        night.press("enter")
        night.see(lambda text: "│ «Всё подкручено!!»" in text)
        night.press("enter")
        night.see("flagged only (off)")
        night.tell("First of all the channel is slowed: the preset is under the cursor.")
        night.press("s")
        night.see("slow mode in")
        night.shot()
        night.press("enter")
        night.see(lambda text: re.search(r"slow 15m until", text) is not None, PATIENT)
        night.tell("Ninety-six posts, thirty of them flagged: `f` leaves the others out.")
        night.press("f")
        night.see("flagged only (on)")
        night.shot()
        night.tell("The second one advertises. `v t` marks what says the same, whoever says it.")
        night.press("j", "v")
        night.see("t text: the same")
        night.press("t")
        night.see("12 marked by text")
        night.tell("One removal over all twelve: each in a line first, for rule 2.")
        night.press("x")
        night.see("Remove 12 marked posts")
        night.press("2")
        night.see("▸ 2 Rule 2: no spam")
        night.shot()
        night.press("enter")
        night.see("0/12")
        night.see("12/12", PATIENT)
        night.tell("Each line has its result; the bar says how far it is.")
        night.shot()
        night.press("esc")
        night.see(lambda text: "Remove 12" not in text)
        night.tell(
            "The subject itself stays: kept, and so that further flags on it raise nothing until "
            "it is edited."
        )
        night.press("f", "g", "g", "a")
        night.see("Also further flags, until it is edited?")
        night.shot()
        night.press("y")
        night.see("kept until edited", PATIENT)
        night.tell("The heat goes down by itself; the head says what slow mode did.")
        night.see(
            lambda text: re.search(r"posts \S+ → \S+, flags \S+ → \S+ /min", text) is not None, 120
        )
        night.shot()
        night.press("esc")
        night.see(lambda text: "pile-on" not in text, 120)
        night.tell("Back in the list the row is one among the others.")
        night.shot()
        assert leave(night.terminal) == 0
    rows = told(tmp_path, "deliveries")["deliveries"]
    kinds = [row["kind"] for row in rows if row["state"] == "sent"]
    assert kinds.count("hide") == 12
    assert kinds.count("slow_mode") == 1
    assert "dismiss" in kinds
