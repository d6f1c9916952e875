"""modtui from a shell against a real Synapse; then Synapse is asked what happened."""

from pathlib import Path

import pytest

from tests.interop.desk import Desk
from tests.interop.synapse import Scene, ServerError, Synapse, room

pytestmark = pytest.mark.interop


@pytest.fixture
def desk(synapse: Synapse, scene: Scene, tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "home", synapse.users["admin"].token)
    made.configure(synapse.url, scene.room_id)
    return made


def bodies(synapse: Synapse, room_id: str) -> list[str]:
    return [e["content"].get("body", "") for e in synapse.messages(room_id)]


def test_three_reports_on_two_events_are_two_threads(desk: Desk, scene: Scene) -> None:
    assert desk("sync", "--once").code == 0
    queue = desk("queue", "--json").json
    threads = {t["remote_id"]: t for t in queue["threads"]}
    mine = {subject: t for subject, t in threads.items() if t["channel"].startswith("#room")}
    assert set(mine) == {scene.insult, scene.spam}
    assert mine[scene.insult]["flag_count"] == 2
    assert {f["by"] for f in mine[scene.insult]["flags"]} == {"alice", "bob"}
    # Once more changes nothing.
    assert desk("sync", "--once").code == 0
    assert desk("queue", "--json").json["counts"] == queue["counts"]


def test_each_command_happens_exactly_once(
    desk: Desk, synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    assert desk("sync", "--once").code == 0
    ids = desk.threads()
    insult, spam = ids[scene.insult], ids[scene.spam]
    text = tmp_path / "reply.txt"
    text.write_text("Please stay kind.")
    for args in (
        ("reply", insult, "--text-file", text),
        ("read-only", insult, "--for", "30m", "--reason", "pile-on"),
        ("escalate", spam, "--team", "payments", "--note", "a shop, it seems"),
        ("sanction", insult, "--warn", "--reason", "Rule 4: be kind"),
        ("hide", insult, "--reason", "insult"),
        ("sanction", insult, "--ban", "--for", "7d", "--reason", "enough"),
    ):
        done = desk(*args)
        assert done.code == 0, (args, done.err)
    slow = desk("slow", insult, "--seconds", 30, "--for", "30m", "--reason", "x")
    assert slow.code == 2
    assert "read-only until" in slow.err
    said = bodies(synapse, scene.room_id)
    assert said.count("Please stay kind.") == 1
    assert sum("a shop, it seems" in body for body in said) == 1
    assert "redacted_because" in synapse.event(scene.room_id, scene.insult)["unsigned"]
    left = {r["event_id"] for r in synapse.reports() if r["room_id"] == scene.room_id}
    assert left == {scene.spam}
    with pytest.raises(ServerError):
        synapse.send("alice", scene.room_id, "closed")
    member = f"{room(scene.room_id)}/state/m.room.member/%40mallory%3Amodtui.test"
    assert synapse.call("GET", member, "admin")["membership"] == "ban"
    shown = desk("show", insult, "--json").json
    assert shown["state"] == "resolved"
    rows = desk("deliveries", "--json").json
    rows = rows["deliveries"] if isinstance(rows, dict) else rows
    assert {row["state"] for row in rows} == {"sent", "queued"}
    assert {row["kind"] for row in rows if row["state"] == "queued"} == {
        "read_only",
        "lift_sanction",
    }


def test_an_answer_after_the_reports_are_gone_reopens_the_thread(
    desk: Desk, synapse: Synapse, scene: Scene
) -> None:
    assert desk("sync", "--once").code == 0
    spam = desk.threads()[scene.spam]
    assert desk("dismiss", spam).code == 0
    assert desk("show", spam, "--json").json["state"] == "resolved"
    answer = {
        "msgtype": "m.text",
        "body": "why was I reported?",
        "m.relates_to": {"m.in_reply_to": {"event_id": scene.spam}},
    }
    synapse.send("mallory", scene.room_id, answer)
    assert desk("sync", "--once").code == 0
    shown = desk("show", spam, "--json").json
    assert shown["state"] == "open"
    assert "why was I reported?" in [post["text"] for post in shown["posts"]]


@pytest.mark.parametrize(
    ("who", "url", "code", "words"),
    [
        ("mod", None, 3, "not a Synapse server admin"),
        ("wrong", None, 3, "does not accept the secret"),
        ("admin", "http://127.0.0.1:9", 5, "cannot reach"),
    ],
)
def test_what_stops_a_sync_is_one_clear_line(
    synapse: Synapse,
    scene: Scene,
    tmp_path: Path,
    who: str,
    url: str | None,
    code: int,
    words: str,
) -> None:
    token = synapse.users[who].token if who in synapse.users else "wrong"
    desk = Desk(tmp_path / "home", token)
    desk.configure(url or synapse.url, scene.room_id)
    done = desk("sync", "--once")
    assert done.code == code
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert token == "wrong" or token not in done.out + done.err
