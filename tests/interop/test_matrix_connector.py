"""The matrix connector against a real Synapse: what it tells, and what it does there."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from modtui.connectors import (
    Absent,
    Found,
    Rejected,
    ThreadRef,
)
from modtui.domain.commands import (
    Audience,
    Dismiss,
    Escalate,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Sanction,
    SanctionKind,
    SetReadOnly,
    Unlock,
)
from modtui.domain.model import Role
from tests.interop.stage import ON, connected, ref, until
from tests.interop.synapse import Scene, ServerError, Synapse, room, threaded

pytestmark = pytest.mark.interop


async def test_three_reports_on_two_events_are_two_threads(synapse: Synapse, scene: Scene) -> None:
    async with connected(synapse, rooms=[scene.alias]) as matrix:
        batch = await until(matrix, None, lambda batch: bool(batch.threads))
    threads = {thread.subject: thread for thread in batch.threads}
    assert set(threads) == {scene.insult, scene.spam}
    assert threads[scene.insult].title == "only an idiot asks that"
    assert threads[scene.insult].conversation == scene.root
    assert threads[scene.insult].author.name == "mallory"
    assert sorted((f.thread, f.reason, f.by) for f in batch.flags) == sorted(
        [
            (scene.insult, "insulting me", "alice"),
            (scene.insult, "harassment", "bob"),
            (scene.spam, "spam link", "bob"),
        ]
    )
    assert {f.key for f in batch.flags} == {str(i) for i in scene.report_ids}
    assert {(p.text, p.is_subject) for p in batch.posts} == {
        ("only an idiot asks that", True),
        ("CHEAP WATCHES http://spam.example.invalid", True),
    }
    assert batch.open_now is not None
    assert {(f.thread, f.key) for f in batch.flags} <= batch.open_now
    assert [c.name for c in batch.channels] == [scene.alias.removesuffix(":modtui.test")]


async def test_reports_are_read_to_the_real_end(synapse: Synapse, scene: Scene) -> None:
    for number in range(105):
        synapse.report("alice", scene.room_id, scene.reply, f"again {number}")
    async with connected(synapse, rooms=[scene.room_id]) as matrix:
        batch = await until(matrix, None, lambda batch: bool(batch.threads))
    mine = [flag for flag in batch.flags if flag.thread == scene.reply]
    assert len(mine) == 105
    assert batch.open_now is not None
    assert len(batch.open_now) == len(synapse.reports())
    for flag in mine:
        synapse.call("DELETE", f"/_synapse/admin/v1/event_reports/{flag.key}", "admin")


async def test_posts_edits_and_redactions_of_a_flagged_conversation_arrive(
    synapse: Synapse, scene: Scene
) -> None:
    async with connected(synapse, rooms=[scene.room_id]) as matrix:
        start = await until(matrix, None, lambda batch: batch.caught_up)
        synapse.send("alice", scene.room_id, "elsewhere in the room")
        said = synapse.send("mallory", scene.room_id, threaded("what?", scene.root))
        synapse.send("admin", scene.room_id, threaded("stop it", scene.root))
        batch = await until(matrix, start.cursor, lambda batch: len(batch.posts) > 1)
        assert [(p.thread, p.text, p.role) for p in batch.posts] == [
            (scene.insult, "what?", Role.AUTHOR),
            (scene.insult, "stop it", Role.STAFF),
        ]
        edit = {
            "msgtype": "m.text",
            "body": "* what!",
            "m.new_content": {"msgtype": "m.text", "body": "what!"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": said},
        }
        synapse.send("mallory", scene.room_id, edit)
        batch = await until(matrix, batch.cursor, lambda batch: bool(batch.posts))
        assert [(p.remote_id, p.text) for p in batch.posts] == [(said, "what!")]
        assert batch.posts[0].edited_at is not None
        assert batch.posts[0].author.name == "mallory"
        synapse.call("PUT", f"{room(scene.room_id)}/redact/{scene.spam}/r1", "mallory", {})
        batch = await until(matrix, batch.cursor, lambda batch: bool(batch.posts))
        assert [(p.remote_id, p.author.name) for p in batch.posts] == [(scene.spam, "mallory")]
        assert batch.posts[0].deleted_at is not None


async def test_nothing_is_missed_when_more_is_said_than_one_answer_holds(
    synapse: Synapse, scene: Scene
) -> None:
    async with connected(synapse, rooms=[scene.room_id]) as matrix:
        start = await until(matrix, None, lambda batch: batch.caught_up)
        for number in range(130):
            synapse.send("mallory", scene.room_id, threaded(f"post {number}", scene.root))
        batch = await until(matrix, start.cursor, lambda batch: bool(batch.posts))
    assert [p.text for p in batch.posts] == [f"post {n}" for n in range(130)]


async def test_a_new_report_arrives_by_polling_and_a_deleted_one_leaves(
    synapse: Synapse, scene: Scene
) -> None:
    async with connected(synapse, rooms=[scene.room_id]) as matrix:
        start = await until(matrix, None, lambda batch: batch.caught_up)
        synapse.report("alice", scene.room_id, scene.reply, "off topic")
        batch = await until(matrix, start.cursor, lambda batch: bool(batch.flags))
        assert [(t.subject, t.conversation) for t in batch.threads] == [(scene.reply, scene.root)]
        key = batch.flags[0].key
        synapse.call("DELETE", f"/_synapse/admin/v1/event_reports/{key}", "admin")
        batch = await until(matrix, batch.cursor, lambda batch: batch.open_now is not None)
        assert batch.open_now is not None
        assert (scene.reply, key) not in batch.open_now
        assert (scene.insult, str(scene.report_ids[0])) in batch.open_now


async def test_a_report_on_a_person_is_a_thread_about_them(synapse: Synapse, scene: Scene) -> None:
    path = "/_matrix/client/v3/users/%40mallory%3Amodtui.test/report"
    synapse.call("POST", path, "alice", {"reason": "a pest"})
    async with connected(synapse, rooms=[scene.room_id]) as matrix:
        batch = await until(matrix, None, lambda batch: bool(batch.flags))
        thread = next(t for t in batch.threads if t.subject == "@mallory:modtui.test")
        flag = next(f for f in batch.flags if f.thread == thread.subject)
        assert (flag.reason, flag.by) == ("a pest", "alice")
        person = ThreadRef(thread.subject, thread.channel, thread.author.remote_id)
        await matrix.perform(person, Dismiss(**ON, flags=(flag.key,)), "k-person")
        assert synapse.call("GET", "/_synapse/admin/v1/user_reports", "admin")["total"] == 0


async def test_the_same_key_replies_once(synapse: Synapse, scene: Scene) -> None:
    where = ref(scene, scene.insult, scene.root)
    command = Reply(**ON, text="Please stay kind.")
    since = datetime.now(UTC)
    async with connected(synapse) as matrix:
        assert await matrix.find(where, command, since, frozenset()) == Absent(strong=True)
        first = await matrix.perform(where, command, "key-1")
        again = await matrix.perform(where, command, "key-1")
        found = await matrix.find(where, command, since, frozenset())
        taken = frozenset({str(first.remote_id)})
        assert await matrix.find(where, command, since, taken) == Absent(strong=True)
    assert first.remote_id == again.remote_id
    assert isinstance(found, Found)
    assert found.receipt.remote_id == first.remote_id
    said = [e for e in synapse.messages(scene.room_id) if e["content"].get("body") == command.text]
    assert [e["event_id"] for e in said] == [first.remote_id]
    relation = said[0]["content"]["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", scene.root)
    assert relation["m.in_reply_to"]["event_id"] == scene.insult


async def test_context_is_the_whole_thread_with_the_flagged_post_in_it(
    synapse: Synapse, scene: Scene
) -> None:
    async with connected(synapse) as matrix:
        context = await matrix.context(ref(scene, scene.insult, scene.root))
        lone = await matrix.context(ref(scene, scene.spam))
    assert [(p.text, p.is_subject) for p in context.posts] == [
        ("How do I reset my router?", False),
        ("Hold the button for ten seconds.", False),
        ("only an idiot asks that", True),
    ]
    assert scene.spam in {p.remote_id for p in lone.posts if p.is_subject}
    assert {p.thread for p in lone.posts} == {scene.spam}


async def test_redact_then_dismiss_and_again(synapse: Synapse, scene: Scene) -> None:
    where = ref(scene, scene.insult, scene.root)
    hide = Hide(**ON, posts=(scene.insult,), author=where.author, rule="4", reason="insult")
    reports = tuple(str(r["id"]) for r in synapse.reports() if r["event_id"] == scene.insult)
    dismiss = Dismiss(**ON, flags=reports)
    since = datetime.now(UTC)
    async with connected(synapse) as matrix:
        assert await matrix.find(where, hide, since, frozenset()) == Absent(strong=True)
        first = await matrix.perform(where, hide, "key-2")
        again = await matrix.perform(where, hide, "key-2")
        assert first.remote_id == again.remote_id
        found = await matrix.find(where, hide, since, frozenset())
        assert isinstance(found, Found)
        assert found.receipt.remote_id == first.remote_id
        assert await matrix.find(where, dismiss, since, frozenset()) == Absent(strong=True)
        await matrix.perform(where, dismiss, "key-3")
        await matrix.perform(where, dismiss, "key-3")
        assert isinstance(await matrix.find(where, dismiss, since, frozenset()), Found)
        context = await matrix.context(where)
    because = synapse.event(scene.room_id, scene.insult)["unsigned"]["redacted_because"]
    assert because["content"]["reason"] == "4 · insult"
    left = {r["event_id"] for r in synapse.reports() if r["room_id"] == scene.room_id}
    assert left == {scene.spam}
    assert [p.deleted_at is not None for p in context.posts if p.is_subject] == [True]


async def test_read_only_until_and_back(synapse: Synapse, scene: Scene) -> None:
    where = ref(scene, scene.insult, scene.root)
    before = synapse.power(scene.room_id)
    end = datetime.now(UTC) + timedelta(minutes=30)
    close = SetReadOnly(**ON, on=True, until=end, reason="pile-on")
    async with connected(synapse) as matrix:
        first = await matrix.perform(where, close, "key-4")
        again = await matrix.perform(where, close, "key-4")
        assert first.evidence == again.evidence
        with pytest.raises(ServerError) as told:
            synapse.send("mallory", scene.room_id, "but")
        assert told.value.status == 403
        synapse.send("mod", scene.room_id, "we can still write")
        context = await matrix.context(where)
        assert context.channel is not None
        assert context.channel.restriction is not None
        assert context.channel.restriction.kind == "read_only"
        assert context.channel.restriction.until == end.replace(
            microsecond=end.microsecond // 1000 * 1000
        ) or abs(context.channel.restriction.until - end) < timedelta(milliseconds=2)  # type: ignore[operator]
        off = SetReadOnly(**ON, on=False, until=None, reason="", expect=first.evidence)
        await matrix.perform(where, off, "key-5")
        repeated = await matrix.perform(where, off, "key-5")
    assert repeated.evidence == "it is open already"
    assert synapse.power(scene.room_id) == before
    synapse.send("mallory", scene.room_id, "again")


async def test_an_end_does_nothing_when_someone_changed_it_since(
    synapse: Synapse, scene: Scene
) -> None:
    where = ref(scene, scene.insult)
    async with connected(synapse) as matrix:
        close = SetReadOnly(**ON, on=True, until=None, reason="pile-on")
        first = await matrix.perform(where, close, "key-6")
        lock = await matrix.perform(where, Lock(**ON, reason="closed for good"), "key-7")
        off = SetReadOnly(**ON, on=False, until=None, reason="", expect=first.evidence)
        assert (await matrix.perform(where, off, "key-8")).evidence == "someone changed it since"
        context = await matrix.context(where)
        assert context.channel is not None
        assert context.channel.locked
        with pytest.raises(ServerError):
            synapse.send("mallory", scene.room_id, "still closed")
        await matrix.perform(where, Unlock(**ON, expect=lock.evidence), "key-9")
    synapse.send("mallory", scene.room_id, "open")


async def test_mute_and_lift(synapse: Synapse, scene: Scene) -> None:
    where = ref(scene, scene.insult)
    before = synapse.power(scene.room_id)
    mute = Sanction(**ON, sanction=SanctionKind.MUTE, author=where.author, seconds=3600)
    async with connected(synapse) as matrix:
        receipt = await matrix.perform(where, mute, "key-10")
        with pytest.raises(ServerError):
            synapse.send("mallory", scene.room_id, "muted")
        synapse.send("alice", scene.room_id, "others can write")
        lift = LiftSanction(
            **ON, sanction=SanctionKind.MUTE, author=where.author, expect=receipt.evidence
        )
        await matrix.perform(where, lift, "key-11")
    assert synapse.power(scene.room_id) == before


async def test_kick_ban_and_unban(synapse: Synapse, scene: Scene) -> None:
    where = ref(scene, scene.insult)
    member = f"{room(scene.room_id)}/state/m.room.member/%40mallory%3Amodtui.test"
    async with connected(synapse, "mod") as matrix:
        kick = Sanction(**ON, sanction=SanctionKind.KICK, author=where.author, reason="enough")
        await matrix.perform(where, kick, "key-12")
        state = synapse.call("GET", member, "admin")
        assert (state["membership"], state["reason"]) == ("leave", "enough")
        ban = Sanction(**ON, sanction=SanctionKind.BAN, author=where.author, seconds=86400)
        receipt = await matrix.perform(where, ban, "key-13")
        again = await matrix.perform(where, ban, "key-13")
        assert receipt.evidence == again.evidence != ""
        assert synapse.call("GET", member, "admin")["membership"] == "ban"
        lift = LiftSanction(
            **ON, sanction=SanctionKind.BAN, author=where.author, expect=receipt.evidence
        )
        await matrix.perform(where, lift, "key-14")
        assert synapse.call("GET", member, "admin")["membership"] == "leave"
        assert (await matrix.perform(where, lift, "key-14")).evidence == "not banned any more"


async def test_a_warning_goes_to_one_direct_room(synapse: Synapse, scene: Scene) -> None:
    synapse.register("walter")
    where = ThreadRef(scene.insult, scene.room_id, "@walter:modtui.test")
    warn = Sanction(
        **ON, sanction=SanctionKind.WARN, author=where.author, text="This is a warning."
    )
    async with connected(synapse) as matrix:
        since = datetime.now(UTC)
        assert await matrix.find(where, warn, since, frozenset()) == Absent(strong=True)
        first, other = await asyncio.gather(
            matrix.perform(where, warn, "key-15"),
            matrix.perform(where, Reply(**ON, text="x", audience=Audience.AUTHOR), "key-16"),
        )
        again = await matrix.perform(where, warn, "key-15")
        assert first.remote_id == again.remote_id != other.remote_id
        found = await matrix.find(where, warn, since, frozenset())
        assert isinstance(found, Found)
        assert found.receipt.remote_id == first.remote_id
        # As after a crash between making the room and noting it: the same room is found.
        path = "/_matrix/client/v3/user/%40admin%3Amodtui.test/account_data/m.direct"
        synapse.call("PUT", path, "admin", {})
        assert (await matrix.perform(where, warn, "key-15")).remote_id == first.remote_id
    invites = synapse.call("GET", "/_matrix/client/v3/sync", "walter")["rooms"]["invite"]
    assert len(invites) == 1
    said = [e["content"].get("body") for e in synapse.messages(next(iter(invites)))]
    assert said.count("This is a warning.") == 1


async def test_a_team_is_told_in_a_room_that_is_joined_if_need_be(
    synapse: Synapse, scene: Scene
) -> None:
    wish = {"preset": "public_chat", "room_alias_name": scene.alias[1:].split(":")[0] + "-team"}
    made = synapse.call("POST", "/_matrix/client/v3/createRoom", "alice", wish)
    alias = f"#{wish['room_alias_name']}:modtui.test"
    tell = Escalate(**ON, team="payments", note="n", to=alias, text="Please look.")
    async with connected(synapse) as matrix:
        first = await matrix.perform(ref(scene, scene.spam), tell, "key-17")
        again = await matrix.perform(ref(scene, scene.spam), tell, "key-17")
        assert first.remote_id == again.remote_id
        with pytest.raises(Rejected, match="not a room id or alias"):
            await matrix.perform(
                ref(scene, scene.spam), Escalate(**ON, team="t", note="", to="general"), "k"
            )
    bodies = [e["content"].get("body") for e in synapse.messages(made["room_id"])]
    assert bodies.count("Please look.") == 1
