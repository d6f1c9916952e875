"""Walk (f): six in the morning; what is left is handed over with Enter, Enter."""

from __future__ import annotations

from pathlib import Path

from tests.pty.community import Community, leave, settle_in, told
from tests.pty.hook import Hook, listening
from tests.pty.walk import Walk, walk


def channel(home: Path, hook: Hook) -> None:
    """Let hand-overs go to `hook`."""
    file = home / "modtui" / "config.toml"
    more = (
        f'[[account]]\nname = "ops"\nconnector = "webhook"\nurl = "{hook.url}"\n\n'
        '[handover]\naccount = "ops"\nchannel = "#shift"\n'
    )
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")


def leave_something(night: Walk) -> None:
    """A slow mode that runs, a draft, a snooze and a claim, on four threads."""
    night.tell("A channel runs hot: `s`, Enter, and it is slowed for a while.")
    night.press("s")
    night.see("slow mode in")
    night.press("enter")
    night.see(lambda text: "sent " in text and "slow mode" in text)
    night.tell("An answer is begun and left for later: Esc keeps the draft.")
    night.press("j", "r")
    night.see("who sees it")
    night.type("We have asked the desk and")
    night.press("esc")
    night.see("1 draft")
    night.tell("One thread waits for the morning, and one is held while it is read.")
    night.press("j", "z")
    night.see("Snooze")
    night.press("enter")
    night.see("snoozed")
    night.press("c")
    night.see("yours now")


def test_handing_over_at_six(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6, undo="0s"))
    with listening() as hook:
        channel(tmp_path, hook)
        with walk("f-handing-over", tmp_path, "Handing over at six", size=(80, 24)) as night:
            night.see("open 6")
            leave_something(night)
            night.tell("It is six. `g h` shows all that is left, with what becomes of each.")
            night.press("g", "h")
            night.see("HAND OVER")
            night.see("RUNNING 1")
            night.shot()
            night.tell("Enter shows the text for the next ones; Enter again hands over.")
            night.press("enter")
            night.see("Enter hands over:")
            night.shot()
            night.press("enter")
            night.see("HANDED OVER")
            night.see(lambda text: "sent " in text and "hand-over to ops #shift" in text)
            night.tell("What was held is free again, and the channel was told.")
            night.shot()
            assert leave(night.terminal) == 0
    (document,) = hook.told
    for words in ("Hand-over of mod-a", "HELD ", "DRAFTS 1", "RUNNING 1", "SNOOZED 1"):
        assert words in document["text"]
    assert "We have asked" not in document["text"]
    assert (document["to"], document["team"]) == ("#shift", None)
    claims = [row["claim"] for row in told(tmp_path, "queue")["threads"]]
    assert claims == [None] * len(claims)
    rows = told(tmp_path, "deliveries")["deliveries"]
    assert [(row["kind"], row["state"]) for row in rows] == [
        ("slow_mode", "sent"), ("hand_over", "sent"),
    ]  # fmt: skip
