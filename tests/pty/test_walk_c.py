"""Walk (c): a self-harm post in Georgian, which the moderator on call cannot read."""

from __future__ import annotations

from pathlib import Path

from tests.pty.community import Community, leave, settle_in, told
from tests.pty.test_waking import bells
from tests.pty.walk import walk

CARE = """
[[team]]
name = "care"
responsible = ["mod-e", "mod-f"]
accountable = "lead"
reasons = ["self-harm"]
languages = ["ka", "en"]
reach = { account = "harbour", channel = "care" }
"""


def test_a_self_harm_post_in_georgian(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(undo="0s", now=("self-harm",)))
    more = tmp_path / "modtui" / "config.d"
    more.mkdir()
    (more / "care.toml").write_text(CARE, encoding="utf-8")
    with walk("c-self-harm", tmp_path, "A cry for help in Georgian", size=(80, 24)) as night:
        night.see(" 1 NOW ")
        assert night.terminal.lines[2].startswith("▌")
        assert "self-harm ka" in night.terminal.lines[2]
        night.see(lambda _: bells(night.terminal.written) > 0)
        night.see("you don't read ka · care does: mod-e, mod-f")
        night.tell(
            "The bell rang. One thread stands above all deadlines: flagged for self-harm, written"
            " in Georgian. You don't read it; the care team does. Key 1 has the help reply."
        )
        night.shot()
        night.press("1")
        night.see("in en: Thank you for saying this here.")
        night.see("goes out in ka:")
        night.tell("The Georgian text goes out; the English one beside it says what it means.")
        night.shot()
        night.press("enter")
        night.see("sent ")
        night.see("[answered]")
        night.tell("It is answered, and stays where it is: the lane asks for more than a reply.")
        night.press("e")
        night.see("care")
        night.type("Self-harm, in Georgian. Help reply sent. Please take over the contact.")
        night.shot()
        night.press("enter")
        night.see("escalated")
        night.press("m")
        night.see("Note for the team")
        night.type("tamuna in the thread offers company, she may know the author")
        night.press("enter")
        night.see(lambda screen: "Note for the team" not in screen)
        night.see("post 1/4")
        night.tell(
            "The author has written again. Without an outcome nothing closes: `d` asks for it."
        )
        night.press("d")
        night.see("how did it end?")
        night.press("enter")
        night.see(" 1 NOW ")
        night.press("2")
        night.see("handed to care")
        night.type(", mod-e has the author on the phone")
        night.shot()
        night.press("enter")
        night.see(lambda screen: " NOW " not in screen.splitlines()[0])
        night.tell("The lane is empty, and the next deadline is under the cursor.")
        night.shot()
        assert leave(night.terminal) == 0
    rows = told(tmp_path, "deliveries")["deliveries"]
    assert sorted((row["kind"], row["state"]) for row in rows) == [
        ("escalate", "sent"), ("reply", "sent"),
    ]  # fmt: skip
    (reply,) = (row["command"] for row in rows if row["kind"] == "reply")
    assert (reply["language"], reply["quick"]) == ("ka", "help-self-harm")
    thread = told(tmp_path, "show", str(rows[0]["thread"]))
    assert (thread["state"], thread["now_at"], thread["team"]) == ("resolved", None, "care")
    (outcome,) = (e["detail"]["outcome"] for e in thread["history"] if e["kind"] == "resolved")
    assert outcome == "handed to care, mod-e has the author on the phone"
    assert "staff_note" in [event["kind"] for event in thread["history"]]
