"""modtui from a shell against a real Synapse; then Synapse is asked what happened."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.interop.desk import Desk, Options
from tests.interop.synapse import Scene, ServerError, Synapse

pytestmark = pytest.mark.interop
MALLORY = "@mallory:modtui.test"


@pytest.fixture
def desk(synapse: Synapse, scene: Scene, tmp_path: Path) -> Desk:
    return Desk(tmp_path, synapse, scene)


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """A file with what to answer."""
    file = tmp_path / "answer.txt"
    file.write_text("Please stay kind.\n", encoding="utf-8")
    return file


class Pager:
    """Receives webhooks on loopback and keeps what they say."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                told.append(json.loads(self.rfile.read(size)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def pager() -> Iterator[Pager]:
    made = Pager()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def spoken(synapse: Synapse, room_id: str, text: str) -> list[dict[str, Any]]:
    """Return the content of every message of the room that holds `text`."""
    events = synapse.history(room_id)
    return [e["content"] for e in events if text in e["content"].get("body", "")]


def levels(synapse: Synapse, room_id: str) -> list[dict[str, Any]]:
    """Return every power level event of the room, oldest first."""
    events = synapse.history(room_id)
    return [e["content"] for e in events if e["type"] == "m.room.power_levels"]


def test_three_reports_on_two_events_are_two_threads(desk: Desk, scene: Scene) -> None:
    numbers = desk.threads()
    assert set(numbers) == {scene.insult, scene.spam}
    queue = desk.told("queue")
    threads = {t["remote_id"]: t for t in queue["threads"]}
    flags = {
        subject: sorted((f["reason"], f["by"], f["count"]) for f in thread["flags"])
        for subject, thread in threads.items()
    }
    assert flags == {
        scene.insult: [("harassment", "bob", 1), ("insulting me", "alice", 1)],
        scene.spam: [("spam link", "bob", 1)],
    }
    assert [t["flag_count"] for t in queue["threads"]] == [2, 1]
    assert {t["author"] for t in queue["threads"]} == {"mallory"}
    assert queue["counts"]["open"] == 2
    by_url = desk.told("show", threads[scene.insult]["url"])
    by_number = desk.told("show", numbers[scene.insult])
    assert (by_url["posts"], by_url["history"]) == (by_number["posts"], by_number["history"])
    assert [p["text"] for p in by_url["posts"] if p["is_subject"]] == ["only an idiot asks that"]
    # Once more changes nothing.
    assert desk.threads() == numbers
    assert desk.told("queue")["counts"] == queue["counts"]


def test_replies_are_in_the_thread_once(
    desk: Desk, synapse: Synapse, scene: Scene, said: Path
) -> None:
    number = desk.threads()[scene.insult]
    done = desk("reply", number, "--text-file", said)
    assert (done.code, done.err) == (0, "")
    (content,) = spoken(synapse, scene.room_id, "Please stay kind.")
    assert content["body"] == "Please stay kind."
    assert content["m.relates_to"]["rel_type"] == "m.thread"
    assert content["m.relates_to"]["event_id"] == scene.root
    shown = desk.told("show", number)
    assert shown["state"] == "waiting"
    (row,) = shown["deliveries"]
    assert synapse.event(scene.room_id, row["receipt"]["remote_id"])["content"] == content
    # What was said is known as ours, once.
    desk.threads()
    posts = [p for p in desk.told("show", number)["posts"] if p["text"] == "Please stay kind."]
    assert [p["role"] for p in posts] == ["staff"]


def test_a_quick_reply_is_filled_and_sent_once(desk: Desk, synapse: Synapse, scene: Scene) -> None:
    number = desk.threads()[scene.spam]
    done = desk("reply", number, "--quick", "thanks-closing", "--language", "en")
    assert (done.code, done.err) == (0, "")
    (sent,) = [d for d in desk.told("show", number)["deliveries"] if d["kind"] == "reply"]
    assert sent["command"]["quick"] == "thanks-closing"
    text = sent["command"]["text"]
    assert "{" not in text
    assert len(spoken(synapse, scene.room_id, text)) == 1


def test_read_only_is_set_once_and_undone(desk: Desk, synapse: Synapse, scene: Scene) -> None:
    number = desk.threads()[scene.insult]
    slow = desk("slow", number, "--seconds", 30, "--for", "30m", "--reason", "heat")
    assert slow.code == 2
    assert "read-only" in slow.err
    assert len(slow.err.splitlines()) == 1
    (before,) = levels(synapse, scene.room_id)
    done = desk("read-only", number, "--for", "30m", "--reason", "pile-on")
    assert (done.code, done.err) == (0, "")
    with pytest.raises(ServerError, match="403"):
        synapse.send("alice", scene.room_id, "let me in")
    synapse.send("mod", scene.room_id, "staff may write")
    assert len(levels(synapse, scene.room_id)) == 2
    (restriction,) = desk.told("status")["restrictions"]
    assert (restriction["kind"], restriction["reason"]) == ("read_only", "pile-on")
    rows = desk.told("deliveries")["deliveries"]
    assert [(r["kind"], r["state"], bool(r["not_before"])) for r in rows] == [
        ("read_only", "sent", False),
        ("read_only", "queued", True),
    ]
    undone = desk("undo", rows[0]["id"])
    assert (undone.code, undone.err) == (0, "")
    synapse.send("alice", scene.room_id, "thank you")
    assert len(levels(synapse, scene.room_id)) == 3
    assert synapse.power(scene.room_id)["events_default"] == before["events_default"]
    assert desk.told("status")["restrictions"] == []
    states = [r["state"] for r in desk.told("deliveries")["deliveries"]]
    assert states == ["sent", "cancelled", "sent"]


def test_escalating_tells_the_team_once(
    synapse: Synapse, scene: Scene, tmp_path: Path, pager: Pager
) -> None:
    desk = Desk(tmp_path, synapse, scene, Options(hook=pager.url))
    numbers = desk.threads()
    done = desk("escalate", numbers[scene.spam], "--team", "payments", "--note", "a shop, it seems")
    assert (done.code, done.err) == (0, "")
    (content,) = spoken(synapse, desk.ops, "a shop, it seems")
    assert desk.told("show", numbers[scene.spam])["url"] in content["body"]
    assert spoken(synapse, scene.room_id, "a shop, it seems") == []
    done = desk("escalate", numbers[scene.insult], "--team", "night", "--note", "wake somebody")
    assert (done.code, done.err) == (0, "")
    (told,) = pager.told
    assert told["team"] == "night"
    assert "wake somebody" in told["text"]
    assert desk.told("queue")["counts"]["escalated"] == 2
    unknown = desk("escalate", numbers[scene.spam], "--team", "nobody", "--note", "x")
    assert (unknown.code, "payments, night" in unknown.err) == (2, True)


def test_hide_and_dismiss_happen_once(desk: Desk, synapse: Synapse, scene: Scene) -> None:
    numbers = desk.threads()
    done = desk("dismiss", numbers[scene.insult])
    assert (done.code, done.err) == (0, "")
    assert synapse.reported(scene.room_id) == [scene.spam]
    assert "redacted_because" not in synapse.event(scene.room_id, scene.insult)["unsigned"]
    done = desk("hide", numbers[scene.spam], "--rule", "2")
    assert (done.code, done.err) == (0, "")
    redactions = [e for e in synapse.history(scene.room_id) if e["type"] == "m.room.redaction"]
    assert [r["content"]["redacts"] for r in redactions] == [scene.spam]
    assert "no spam" in redactions[0]["content"]["reason"]
    assert synapse.reported(scene.room_id) == []
    assert desk.told("queue")["threads"] == []
    finished = desk.told("queue", "--finished")["threads"]
    assert {t["state"] for t in finished} == {"resolved"}
    rows = desk.told("deliveries")["deliveries"]
    assert [(r["kind"], r["state"]) for r in rows] == [
        ("dismiss", "sent"), ("hide", "sent"), ("dismiss", "sent"),
    ]  # fmt: skip
    # The text is kept as evidence, and what is for good is not taken back.
    shown = desk.told("show", numbers[scene.spam])
    assert "CHEAP WATCHES" in shown["posts"][-1]["raw"]
    undo = desk("undo", rows[1]["id"])
    assert undo.code == 2
    assert "cannot take it back" in undo.err


def test_sanctions_happen_once_and_a_ban_is_undone(
    desk: Desk, synapse: Synapse, scene: Scene
) -> None:
    number = desk.threads()[scene.insult]
    warn = desk("sanction", number, "--warn", "--rule", "1", "--reason", "insult")
    assert (warn.code, warn.err) == (0, "")
    (invited,) = synapse.call("GET", "/_matrix/client/v3/sync", "mallory")["rooms"]["invite"]
    synapse.call("POST", f"/_matrix/client/v3/join/{invited}", "mallory", {})
    said = [e["content"].get("body") for e in synapse.history(invited, "mallory")]
    assert said.count("Rule 1: be kind") == 1
    ban = desk("sanction", number, "--ban", "--for", "7d", "--reason", "enough")
    assert (ban.code, ban.err) == (0, "")
    assert synapse.member(scene.room_id, MALLORY) == "ban"
    sent = [d for d in desk.told("deliveries")["deliveries"] if d["state"] == "sent"]
    undone = desk("undo", sent[-1]["id"])
    assert (undone.code, undone.err) == (0, "")
    told = [
        e["content"]["membership"]
        for e in synapse.history(scene.room_id)
        if e["type"] == "m.room.member" and e["state_key"] == MALLORY
    ]
    assert told == ["join", "ban", "leave"]


def test_an_answer_after_the_reports_are_gone_reopens_the_thread(
    desk: Desk, synapse: Synapse, scene: Scene
) -> None:
    spam = desk.threads()[scene.spam]
    assert desk("dismiss", spam).code == 0
    assert desk.told("show", spam)["state"] == "resolved"
    answer = {
        "msgtype": "m.text",
        "body": "why was I reported?",
        "m.relates_to": {"m.in_reply_to": {"event_id": scene.spam}},
    }
    synapse.send("mallory", scene.room_id, answer)
    desk.threads()
    shown = desk.told("show", spam)
    assert shown["state"] == "open"
    assert "why was I reported?" in [post["text"] for post in shown["posts"]]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (Options(who="mod"), 3, "not a Synapse server admin"),
        (Options(token="syt_wrong_secret"), 3, "does not accept the secret"),
        (Options(url="http://127.0.0.1:9"), 5, "cannot reach"),
    ],
    ids=["no-admin", "wrong-token", "unreachable"],
)
def test_what_stops_a_sync_is_one_clear_line(
    synapse: Synapse, scene: Scene, tmp_path: Path, options: Options, code: int, words: str
) -> None:
    desk = Desk(tmp_path, synapse, scene, options)
    done = desk("sync", "--once")
    assert done.code == code
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert desk.token not in done.out + done.err


def test_what_stops_an_act_is_one_clear_line(desk: Desk, scene: Scene, said: Path) -> None:
    numbers = desk.threads()
    desk.token = "syt_wrong_secret"
    refused = desk("reply", numbers[scene.insult], "--text-file", said)
    assert (refused.code, len(refused.err.splitlines())) == (3, 1), refused
    assert "modtui login chat" in refused.err
    config = desk.home / "modtui" / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace(desk.synapse.url, "http://127.0.0.1:9"), encoding="utf-8")
    far = desk("hide", numbers[scene.spam], "--rule", "2", "--timeout", "3")
    assert (far.code, len(far.err.splitlines())) == (5, 1), far
    assert "cannot reach" in far.err
    # The thread of the reply that is blocked waits, and says for what.
    behind = desk("hide", numbers[scene.insult], "--timeout", "1")
    assert (behind.code, "it waits for delivery 1" in behind.err) == (5, True), behind
