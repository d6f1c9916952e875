"""Walk (j): in tmux at 80×24 without colour, five answers, one slow mode, one escalation."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from tests.pty.community import Community, environment, settle_in, told
from tests.pty.tmux import Tmux, needs_tmux
from tests.pty.walk import SETTLE, keep

NOTE = "asks for BLIK"


class Desk:
    """A moderator at a window of tmux, who counts keys and keeps a record."""

    def __init__(self, tmux: Tmux) -> None:
        self.tmux = tmux
        self.keys = 0
        self.told: list[str] = []

    def tell(self, prose: str) -> None:
        self.told += ["", prose, "", "```", self.tmux.settle(SETTLE), "```"]

    def press(self, key: str, shows: str) -> None:
        """Press `key` once the screen is at rest, and wait for what it shows."""
        self.tmux.settle(SETTLE)
        self.send(key)
        text = self.tmux.wait(shows)
        line = next((line.strip() for line in text.splitlines() if shows and shows in line), "")
        self.told += ["", f"Key: `{key}`", *(("", "```", line, "```") if line else ())]

    def send(self, key: str) -> None:
        """Press `key`: the one way to the terminal."""
        self.tmux.send(key)
        self.keys += 1

    def answer(self, title: str) -> None:
        """Send the first quick reply to the thread under the cursor."""
        self.tmux.wait(lambda text: title in rule(text))
        self.press("1", "Enter sends")
        self.press("enter", f"reply → {title}")


def rule(text: str) -> str:
    """The line between the list and the posts, which names the thread."""
    return next((line for line in text.splitlines() if line.startswith("── row")), "")


def opened(home: Path) -> Tmux:
    argv = (sys.executable, "-m", "modtui")
    env = environment(home, NO_COLOR="1", TERM="xterm")
    return Tmux(home / "tmux", argv, env, (80, 24))


def delivered(home: Path) -> Counter[str]:
    """How many deliveries of each kind the platform took, once no more are on their way."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        rows = told(home, "deliveries")["deliveries"]
        if all(row["state"] == "sent" for row in rows):
            break
        time.sleep(0.2)
    return Counter(row["kind"] for row in rows if row["state"] == "sent")


@needs_tmux
def test_a_shift_in_forty_keys(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(threads=42))
    with opened(tmp_path) as tmux:
        desk = Desk(tmux)
        tmux.wait("post 1")
        desk.tell("tmux, 80×24, `NO_COLOR=1`, `TERM=xterm`. The latest thread is under the cursor.")
        desk.answer("Вывод висит третий день")
        desk.tell("Answered with two keys; `u` would take it back. The next one is a help route.")
        desk.answer("Тоқтай алмай жүрмін")
        tmux.wait(lambda text: "Konsultant prosi" in rule(text))
        desk.press("s", "slow mode in")
        desk.tell("A scam. `s`: the preset under the cursor is what is meant.")
        desk.press("enter", "slow mode 15 min →")
        desk.press("e", "Enter escalates")
        for letter in NOTE:
            desk.send(letter)
        desk.told += ["", f"Typed: {NOTE}"]
        tmux.wait(NOTE)
        desk.tell("It goes to the team that owns payments, with what they need to know.")
        desk.press("enter", "escalate")
        tmux.wait(lambda text: "Танысып қояйық" in rule(text))
        desk.press("a", "keep")
        desk.answer("2FA code never arrives")
        desk.answer("What does 96 % RTP really mean?")
        tmux.wait(lambda text: "Всем привет, я новенький" in rule(text))
        desk.press("a", "keep")
        desk.press("j", "ლიმიტის შეცვლა · 1st reply")
        desk.answer("ლიმიტის შეცვლა")
        desk.tell("Five answers, one slow mode, one escalation.")
        desk.press("ctrl+q", "")
        desk.told += ["", f"{desk.keys} keys in all."]
        kinds = delivered(tmp_path)
    assert desk.keys < 40
    assert (kinds["reply"], kinds["slow_mode"]) == (5, 1)
    rows = told(tmp_path, "deliveries")["deliveries"]
    assert len({row["thread"] for row in rows if row["kind"] == "reply"}) == 5
    slowed = [row["thread"] for row in rows if row["kind"] == "slow_mode"]
    threads = told(tmp_path, "queue", "--view", "escalated")["threads"]
    assert [thread["id"] for thread in threads] == slowed
    shown = told(tmp_path, "show", str(slowed[0]))
    assert shown["state"] == "escalated"
    assert NOTE in str(shown["history"])
    keep("j-in-tmux", "Five answers, one slow mode, one escalation, in tmux", desk.told)
