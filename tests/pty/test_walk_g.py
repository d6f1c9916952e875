"""Walk (g): a lead's five minutes in a session for reading, after a night's work at the shell."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.pty.community import Community, command, environment, settle_in, told
from tests.pty.terminal import Terminal
from tests.pty.walk import SETTLE, Walk, keep

NIGHT = Community(seed=7, threads=60, undo="0s", now=("self-harm", "threat", "doxxing", "minors"))


def a_night(home: Path) -> None:
    """What the moderators did: answered, removed, kept, handed on; some of it was late."""
    settle_in(home, NIGHT)
    assert command(home, "sync", "--once").returncode == 0
    every = [thread["id"] for thread in told(home, "queue")["threads"]]
    text = home / "reply.txt"
    text.write_text("We look into it, and answer here.", encoding="utf-8")
    for words in (
        ("reply", str(every[0]), "--text-file", str(text), "--anyway"),
        ("hide", str(every[10])),
        ("dismiss", str(every[11])),
        ("escalate", str(every[12]), "--team", "payments", "--note", "charged twice"),
        ("slow", str(every[13]), "--seconds", "60", "--for", "30m", "--reason", "heat"),
        ("resolve", str(every[14])),
    ):
        done = command(home, *words)
        assert done.returncode == 0, done.stderr


def listed(terminal: Terminal) -> int:
    """How many threads the list shows beside the pane."""
    return sum(bool(row[:72].strip()) for row in terminal.lines[3:34])


def test_a_lead_looks_at_the_night(tmp_path: Path) -> None:
    a_night(tmp_path)
    said = told(tmp_path, "status")
    argv = [sys.executable, "-m", "modtui", "--read-only"]
    with Terminal(argv, environment(tmp_path), (120, 40)) as terminal:
        walk = Walk(terminal)
        walk.tell("A lead opens `modtui --read-only` in the morning: it begins with Status.")
        walk.see("BY PERSON")
        shown = walk.see("read-only │ live 0/1")
        assert f"NEEDS YOU  {said['needs_you']['total']}" in shown
        assert f"in {said['night']['arrived']} = answered 1 + kept 1 + removed 1" in shown
        walk.shot()

        walk.tell("What needs somebody comes first: Enter on its line opens the threads.")
        assert said["needs_you"]["items"][0]["kind"] == "now"
        walk.press("j")
        walk.press("enter")
        walk.see("view: NOW threads that nobody holds")
        walk.see("post 1")
        walk.shot()
        walk.press("q")
        walk.see("BY PERSON")

        walk.tell("How many are late now, and where? Enter opens the threads behind the line.")
        late = said["late_now"]["total"]
        assert late > 0
        while not any(row.startswith("▌LATE NOW") for row in terminal.lines):
            walk.press("j")
            terminal.settle(SETTLE)
        walk.press("enter")
        walk.see("view: late now")
        walk.see("post 1")
        walk.see(lambda _: listed(terminal) >= late)
        walk.shot()

        walk.tell("An acting key is off here, and says why.")
        walk.press("d")
        walk.see("read-only session")
        walk.shot()

        walk.tell("One step back. What does that number say? `?` on the line tells.")
        walk.press("q")
        walk.see("BY PERSON")
        walk.press("l", "?")
        walk.see("how it is counted")
        walk.see("whichever came first")
        walk.shot()
        walk.press("q")

        walk.tell("The same for today, and then for the last 7 days.")
        walk.press("t")
        walk.see("UTC · today")
        walk.press("t")
        walk.see("LATE LAST 7 DAYS")
        walk.shot()

        walk.tell("Nothing was done to the community; the look is remembered.")
        terminal.settle()
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
    again, later = told(tmp_path, "status"), told(tmp_path, "status")
    assert again["counts"]["open"] == said["counts"]["open"]
    assert again["period"]["start"] == later["period"]["start"] > said["period"]["start"]
    keep("g-a-lead-looks", "A lead's five minutes", walk.told)
