"""The app driven by keys against a real Synapse; then Synapse is asked what happened."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interop.desk import Desk, Options
from tests.interop.synapse import Scene, ServerError, Synapse
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.interop
MALLORY = "@mallory:modtui.test"
INSULT, SPAM = "only an idiot asks that", "CHEAP WATCHES"


@pytest.fixture
def desk(synapse: Synapse, scene: Scene, tmp_path: Path) -> Desk:
    return Desk(tmp_path, synapse, scene)


def ready(terminal: Terminal) -> None:
    """Wait until acting keys count: 400 ms after the thread under the cursor was painted."""
    terminal.settle(0.6)


def on(terminal: Terminal, title: str) -> None:
    """Wait until the cursor is on the thread of that title and its post is shown."""
    row = re.compile(rf"^▌.*{title[:16]}", re.M)
    shown = re.compile(rf"┃ {title}")
    terminal.wait(lambda text: bool(row.search(text) and shown.search(text)))
    ready(terminal)


def sent(terminal: Terminal, what: str) -> None:
    """Wait until the last delivery is one of `what`, and was sent."""
    terminal.wait(lambda text: bool(re.search(rf"^ sent \d\d:\d\d +{what}", text, re.M)))


def leave(terminal: Terminal) -> None:
    ready(terminal)
    terminal.send("ctrl+q")
    assert terminal.ended() == 0


def kinds(synapse: Synapse, room_id: str, kind: str) -> list[dict[str, object]]:
    """Return the content of every event of a kind, oldest first."""
    return [e["content"] for e in synapse.history(room_id) if e["type"] == kind]


def test_claim_and_reply(desk: Desk, synapse: Synapse, scene: Scene) -> None:
    with desk.app() as terminal:
        on(terminal, INSULT)
        terminal.send("c")
        terminal.wait("claim: you")
        assert desk.told("queue")["threads"][0]["claim"]["by"] == "mod-a"
        assert "chat: served by " in desk("sync", "--once").out
        ready(terminal)
        terminal.send("r")
        terminal.wait("who sees it")
        terminal.send("Please stay kind.")
        terminal.wait("draft saved")
        terminal.send("ctrl+s")
        terminal.wait("Enter sends: as")
        terminal.send("enter")
        terminal.wait("pending")
        sent(terminal, "reply")
        terminal.send("u")
        terminal.wait("cannot take it back")
        leave(terminal)
    said = [c for c in kinds(synapse, scene.room_id, "m.room.message") if "kind." in str(c)]
    assert [c["body"] for c in said] == ["Please stay kind."]
    relation = said[0]["m.relates_to"]
    assert isinstance(relation, dict)
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", scene.root)
    assert kinds(synapse, scene.room_id, "m.room.redaction") == []
    assert synapse.reported(scene.room_id) == [scene.insult, scene.insult, scene.spam]


def test_remove_for_good_and_keep(desk: Desk, synapse: Synapse, scene: Scene) -> None:
    with desk.app() as terminal:
        on(terminal, INSULT)
        terminal.send("x")
        terminal.wait("the post of mallory in #")
        terminal.send("2", "enter")
        terminal.wait("y does it, Enter does not")
        assert "▸ 2 Rule 2: no spam" in terminal.text
        terminal.send("y")
        sent(terminal, "(keep|delete the reports|redact|remove)")
        on(terminal, SPAM)
        terminal.send("a")
        terminal.wait("pending")
        terminal.wait(lambda text: bool(re.search(r"^ sent .*CHEAP WATCHES", text, re.M)))
        leave(terminal)
    (redaction,) = kinds(synapse, scene.room_id, "m.room.redaction")
    assert redaction["redacts"] == scene.insult
    assert "no spam" in str(redaction["reason"])
    assert "redacted_because" not in synapse.event(scene.room_id, scene.spam)["unsigned"]
    assert synapse.reported(scene.room_id) == []
    rows = desk.told("deliveries")["deliveries"]
    assert [(r["kind"], r["state"], r["attempts"]) for r in rows] == [
        ("hide", "sent", 1), ("dismiss", "sent", 1), ("dismiss", "sent", 1),
    ]  # fmt: skip


def test_what_was_taken_back_in_time_never_happened(
    synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, synapse, scene, Options(undo="60s"))
    with desk.app() as terminal:
        on(terminal, INSULT)
        terminal.send("x")
        terminal.wait("the post of mallory in #")
        terminal.send("2")
        terminal.wait("▸ 2 Rule 2: no spam")
        terminal.send("y")
        terminal.wait("pending")
        terminal.send("u")
        terminal.wait("taken back:")
        leave(terminal)
    rows = desk.told("deliveries")["deliveries"]
    assert [(r["kind"], r["state"], r["attempts"]) for r in rows] == [
        ("hide", "cancelled", 0), ("dismiss", "cancelled", 0),
    ]  # fmt: skip
    assert desk("drain").code == 0
    assert kinds(synapse, scene.room_id, "m.room.redaction") == []
    assert synapse.reported(scene.room_id) == [scene.insult, scene.insult, scene.spam]


def test_read_only_until_and_ban_are_undone(desk: Desk, synapse: Synapse, scene: Scene) -> None:
    (before,) = kinds(synapse, scene.room_id, "m.room.power_levels")
    with desk.app() as terminal:
        on(terminal, INSULT)
        terminal.send("s")
        terminal.wait("Enter sets read-only until")
        terminal.send("enter")
        sent(terminal, "read-only")
        with pytest.raises(ServerError, match="403"):
            synapse.send("alice", scene.room_id, "let me in")
        ready(terminal)
        terminal.send("u")
        sent(terminal, "open for writing")
        synapse.send("alice", scene.room_id, "thank you")
        on(terminal, INSULT)
        terminal.send("b")
        terminal.wait("(•) warn by direct message")
        terminal.send("right", "right", "right", "1")
        terminal.wait("ban from the room for 1 d: Enter does it")
        terminal.wait("rule        1 ")
        terminal.send("enter")
        sent(terminal, "ban")
        assert synapse.member(scene.room_id, MALLORY) == "ban"
        ready(terminal)
        terminal.send("u")
        sent(terminal, "lift")
        leave(terminal)
    levels = kinds(synapse, scene.room_id, "m.room.power_levels")
    assert len(levels) == 3
    assert levels[2]["events_default"] == before["events_default"]
    told = [
        e["content"]["membership"]
        for e in synapse.history(scene.room_id)
        if e["type"] == "m.room.member" and e["state_key"] == MALLORY
    ]
    assert told == ["join", "ban", "leave"]


def test_escalating_tells_the_room_of_the_team(desk: Desk, synapse: Synapse, scene: Scene) -> None:
    with desk.app() as terminal:
        on(terminal, INSULT)
        terminal.send("e")
        terminal.wait("Enter escalates")
        terminal.send("a lawyer asks")
        terminal.wait("a lawyer asks")
        terminal.send("enter")
        sent(terminal, "escalat")
        leave(terminal)
    (told,) = kinds(synapse, desk.ops, "m.room.message")
    assert "a lawyer asks" in str(told["body"])
    assert "mod-a" in str(told["body"])
    assert desk.told("queue")["counts"]["escalated"] == 1


def test_at_80_by_24_the_queue_is_worked_as_well(
    desk: Desk, synapse: Synapse, scene: Scene
) -> None:
    with desk.app((80, 24)) as terminal:
        terminal.send("j")
        terminal.wait(lambda text: bool(re.search(r"^── row 2 of 2 .*CHEAP", text, re.M)))
        ready(terminal)
        terminal.send("x")
        terminal.wait("the post of mallory in #")
        terminal.send("2", "y")
        terminal.wait(lambda text: bool(re.search(r"^ sent .*CHEAP", text, re.M)))
        leave(terminal)
    (redaction,) = kinds(synapse, scene.room_id, "m.room.redaction")
    assert redaction["redacts"] == scene.spam
    assert set(synapse.reported(scene.room_id)) == {scene.insult}
