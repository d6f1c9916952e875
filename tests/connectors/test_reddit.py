"""The reddit connector against a stand-in of ours: reading, tokens, and who we are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Rejected, Retryable, Unauthorized
from modtui.domain.commands import Capability, Lock
from modtui.domain.model import Role
from tests.connectors.contract import Line
from tests.connectors.fakereddit import SUB, FakeReddit, listing
from tests.connectors.platform import START
from tests.connectors.test_reddit_wire import Site
from tests.connectors.wire import closed_by, read

ON: dict[str, Any] = {"thread": 1, "revision": 1}
HOUR = timedelta(hours=1)


async def told(fake: FakeReddit, cursor: str | None = None, **settings: Any) -> Batch:
    (batch,) = await read(Site(fake, **settings), cursor)
    return batch


async def test_every_shape_of_a_report_is_read() -> None:
    fake = FakeReddit()
    fake.post(
        user_reports=[["repost", 3], [None, 1], ["spam", 2, True, True], "?"],
        mod_reports=[["rude", "alice"], [None, "AutoModerator"]],
    )
    batch = await told(fake)
    found = {f.key: (f.reason, str(f.by or ""), str(f.note), f.rule) for f in batch.flags}
    assert found == {
        "user:repost": ("repost", "", "3 times", False),
        "user:?": ("?", "", "", False),
        "user:reported": ("reported", "", "", False),
        "user:spam": ("spam", "", "2 times, reporter snoozed", False),
        "mod:alice:rude": ("rude", "alice", "", False),
        "mod:AutoModerator:reported": ("reported", "AutoModerator", "", True),
    }
    assert batch.open_now == {("t3_1", key) for key in found}


async def test_the_clock_starts_when_it_was_first_seen_and_that_is_kept() -> None:
    fake = FakeReddit()
    fake.post("rude", user_reports=[["rude", 1]])
    first = await told(fake)
    assert [flag.at for flag in first.flags] == [START]
    fake.now += HOUR
    second = await told(fake, first.cursor)
    assert (second.flags, second.threads) == ((), ())
    fake.things["t3_1"]["user_reports"] = [["rude", 2], ["spam", 1]]
    third = await told(fake, second.cursor)
    assert {(f.reason, f.at) for f in third.flags} == {("rude", fake.now), ("spam", fake.now)}


async def test_an_item_that_left_and_returns_is_told_again() -> None:
    fake = FakeReddit()
    fake.post(user_reports=[["rude", 1]])
    cursor = (await told(fake)).cursor
    fake.things["t3_1"]["decided"] = True
    gone = await told(fake, cursor)
    assert gone.open_now == frozenset()
    del fake.things["t3_1"]["decided"]
    fake.now += HOUR
    assert [f.at for f in (await told(fake, gone.cursor)).flags] == [fake.now]


async def test_a_report_on_what_was_approved_between_two_looks_is_a_new_one() -> None:
    fake = FakeReddit()
    fake.post(user_reports=[["rude", 1]])
    cursor = (await told(fake)).cursor
    fake.now += HOUR
    fake.things["t3_1"]["approved_at_utc"] = fake.epoch(5)
    batch = await told(fake, cursor)
    assert [f.at for f in batch.flags] == [fake.now]
    assert not (await told(fake, batch.cursor)).flags


async def test_an_old_item_with_little_in_it_and_no_author_is_read() -> None:
    fake = FakeReddit()
    bare = {"name": "t1_old", "subreddit": SUB, "body": "x", "user_reports": None, "edited": False}
    fake.queues["modqueue"] = [
        {"kind": "t1", "data": bare},
        {
            "kind": "t3",
            "data": {"name": "t3_o", "subreddit": SUB, "removed_by_category": "deleted"},
        },
    ]
    batch = await told(fake)
    assert not batch.broken
    assert {str(t.author.name) for t in batch.threads} == {"[deleted]"}
    assert {t.subject: [str(tag) for tag in t.tags] for t in batch.threads} == {
        "t1_old": [],
        "t3_o": ["deleted by its author"],
    }
    assert {f.reason for f in batch.flags} == {"in the queue"}


async def test_what_a_filter_holds_is_held_and_what_a_moderator_removed_is_decided() -> None:
    fake = FakeReddit()
    out = {"removed": True, "user_reports": []}
    held = fake.post(removed_by_category="automod_filtered", banned_by="AutoModerator", **out)
    spam = fake.post(banned_by=True, **out)
    fake.post(banned_by="alice", removed_by_category="moderator", **out)
    fake.queues["spam"] = fake.queues.pop("modqueue")
    batch = await told(fake, sources=["spam"])
    assert {t.subject: t.held for t in batch.threads} == {held: True, spam: True}
    reasons = {f.thread: f.reason for f in batch.flags}
    assert reasons == {held: "held by AutoModerator", spam: "held by the spam filter"}


async def test_an_edit_is_told_until_it_is_approved() -> None:
    fake = FakeReddit()
    fake.post(user_reports=[], edited=fake.epoch(3))
    fake.queues["edited"] = fake.queues.pop("modqueue")
    batch = await told(fake, sources=["edited"])
    assert [flag.reason for flag in batch.flags] == ["edited after it was posted"]
    assert batch.posts[0].edited_at == START - timedelta(minutes=3)
    fake.things["t3_1"]["approved_at_utc"] = fake.epoch(1)
    assert (await told(fake, batch.cursor, sources=["edited"])).open_now == frozenset()


async def test_an_item_of_two_sources_is_one_thread_of_several_subreddits_in_one_listing() -> None:
    fake = FakeReddit()
    fake.post(user_reports=[["rude", 1]])
    fake.queues["reports"] = fake.queues["modqueue"]
    sources = ["modqueue", "reports"]
    batch = await told(fake, sources=sources, subreddits=["a", "r/b", "/r/a/"])
    assert (len(batch.threads), len(batch.flags)) == (1, 1)
    assert fake.asked(r"GET /r/a\+b/about/(modqueue|reports)$") == 2


@pytest.mark.parametrize("settings", [{"sources": ["queue"]}, {"subreddits": ["r/"]}])
def test_settings_that_name_nothing_are_said(settings: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match=r"sources|subreddits"):
        FakeReddit().connector(**settings)


async def test_a_list_that_moved_while_it_was_read_closes_nothing() -> None:
    fake = FakeReddit()
    for _ in range(120):
        fake.post()
    assert (await told(fake)).open_now is not None
    rows = list(reversed(fake.queues["modqueue"]))

    def moving(request: httpx.Request) -> dict[str, Any]:
        second = "after" in request.url.params
        return listing(rows[98:] if second else rows[:100], None if second else "t3_21")

    fake.override["/about/modqueue"] = moving
    batch = await told(fake)
    assert (len(batch.threads), batch.open_now) == (120, None)


async def test_a_list_that_goes_in_circles_ends() -> None:
    fake = FakeReddit()
    fake.post()
    rows = fake.queues["modqueue"]
    fake.override["/about/modqueue"] = lambda request: listing(rows, "t3_1")
    assert (await told(fake)).open_now is None
    assert fake.asked("/about/modqueue") == 2


async def test_modmail_is_a_thread_until_it_is_archived_and_comes_back() -> None:
    fake = FakeReddit()
    one = fake.write("Why me?")
    fake.mail["team"] = {**fake.mail[one], "id": "team", "isInternal": True}
    first = await told(fake)
    assert [(t.subject, t.title, t.channel) for t in first.threads] == [
        ("modmail_c1", "Why me?", SUB)
    ]
    assert [(f.key, f.at) for f in first.flags] == [("modmail", START)]
    fake.now += HOUR
    fake.write("We look.", "mod", one)
    fake.write("note for us", "mod", one, isInternal=True)
    fake.write("And?", "asker", one)
    second = await told(fake, first.cursor)
    assert (second.threads, second.flags) == ((), ())
    roles = [(str(p.text), p.role) for p in second.posts]
    assert roles[-2:] == [("We look.", Role.STAFF), ("And?", Role.AUTHOR)]
    assert "note for us" not in {str(p.text) for p in second.posts}
    fake.mail[one]["state"] = 2
    third = await told(fake, second.cursor)
    assert third.open_now == frozenset()
    fake.now += HOUR
    fake.write("Hello?", "asker", one)
    assert [f.at for f in (await told(fake, third.cursor)).flags] == [fake.now]


async def test_modmail_that_cannot_be_read_is_set_aside_and_hides_no_other() -> None:
    fake = FakeReddit()
    lost, over = (fake.write(f"Why me {n}?") for n in range(2))
    connector = fake.connector(sources=["modmail"])
    batches = []
    async for batch in connector.updates(None):
        batches.append(batch)
        if len(batches) == 1:
            fake.mail[lost]["numMessages"] = "many"
        elif len(batches) == 3:
            fake.mail[over]["state"] = 2
        elif len(batches) == 6:
            break
    assert [one.subject for one in batches[1].broken] == [f"modmail_{lost}"]
    assert closed_by(batches) == {f"modmail_{over}"}


async def test_an_item_that_cannot_be_read_for_a_while_is_not_told_as_new() -> None:
    fake = FakeReddit()
    name = fake.post()
    thing = fake.things[name]
    created = thing["created_utc"]
    batches = []
    async for batch in fake.connector().updates(None):
        batches.append(batch)
        thing["created_utc"] = "soon" if len(batches) < 3 else created
        if len(batches) == 5:
            break
    assert [[f.thread for f in batch.flags] for batch in batches] == [[name], [], [], [], []]
    assert [bool(batch.broken) for batch in batches] == [False, True, True, False, False]


async def test_a_message_of_modmail_that_cannot_be_read_is_set_aside() -> None:
    fake = FakeReddit()
    one = fake.write("Why me?")
    fake.write("And?", "asker", one)
    fake.messages["m2"]["isInternal"] = "maybe"
    batch = await told(fake, sources=["modmail"])
    assert {broken.where for broken in batch.broken} == {"modmail messages"}
    assert [post.text for post in batch.posts] == ["Why me?"]


async def test_a_conversation_that_cannot_be_opened_hides_no_queue() -> None:
    fake = FakeReddit()
    fake.post()
    one = fake.write("Why me?")
    fake.mail[one]["numMessages"] = 9
    fake.override[f"GET .*/conversations/{one}$"] = lambda request: {"conversation": 7}
    batch = await told(fake, sources=["modqueue", "modmail"])
    assert len(batch.threads) == 2
    assert [broken.where for broken in batch.broken] == ["modmail conversation"]


async def test_modmail_that_is_archived_and_listed_all_the_same_does_not_wait() -> None:
    fake = FakeReddit()
    one = fake.write("Why me?")
    shown = {**fake.mail[one], "state": 2}
    fake.override["GET .*/mod/conversations$"] = lambda request: {
        "conversations": {one: shown}, "conversationIds": [one], "messages": {},
    }  # fmt: skip
    batch = await told(fake, sources=["modmail"])
    assert (batch.threads, batch.open_now) == ((), frozenset())


async def test_more_modmail_than_a_page_is_read_to_its_end() -> None:
    fake = FakeReddit()
    for number in range(130):
        fake.write(f"question {number}")
    batch = await told(fake, sources=["modmail"])
    assert len(batch.threads) == len(batch.posts) == len(batch.open_now or ()) == 130


async def test_an_answer_to_our_comment_is_told_in_its_thread() -> None:
    fake = FakeReddit()
    subject = fake.post()
    first = await told(fake)
    fake._comment({"thing_id": subject, "text": "Please read rule 1."})
    fake.things["t1_x"] = {"name": "t1_x", "subreddit": SUB, "author": "x", "parent_id": subject}
    fake.now += HOUR
    for name, parent in (("t1_a", "t1_s1"), ("t1_b", "t1_x"), ("t1_c", "t1_gone")):
        answer = {"name": name, "subreddit": SUB, "author": "them", "body": "but why?"}
        row = {**answer, "parent_id": parent, "created_utc": fake.epoch()}
        fake.inbox.append({"kind": "t1", "data": row})
    fake.inbox += [{"kind": "t4", "data": {"name": "t4_1"}}, "?"]
    second = await told(fake, first.cursor)
    assert [(p.remote_id, p.thread, p.role) for p in second.posts] == [
        ("t1_a", subject, Role.AUTHOR)
    ]
    assert not (await told(fake, second.cursor)).posts


async def test_an_inbox_that_the_token_may_not_see_hides_no_queue() -> None:
    fake = FakeReddit()
    fake.post()
    fake.override["/message/inbox"] = lambda request: httpx.Response(403, json={})
    assert len((await told(fake)).threads) == 1


# tokens
async def test_each_secret_goes_to_its_own_origin_alone() -> None:
    fake = FakeReddit()
    agents: set[str] = set()
    bearers: dict[str, set[str]] = {}
    answer = fake.answer

    def watched(request: httpx.Request, path: str) -> Any:
        agents.add(request.headers["user-agent"])
        scheme = request.headers["authorization"].partition(" ")[0]
        bearers.setdefault(request.url.host, set()).add(scheme)
        return answer(request, path)

    fake.answer = watched  # type: ignore[method-assign]
    fake.post()
    batch = await told(fake)
    assert bearers == {"www.ours.test": {"Basic"}, "oauth.ours.test": {"Bearer"}}
    assert {one.url.host for one in fake.calls if one.told} == {"www.ours.test"}
    (agent,) = agents
    assert agent.startswith("python:modtui:")
    assert agent.endswith(" (by /u/mod)")
    assert "bearer-of-ours" not in batch.cursor


async def test_a_token_is_renewed_before_it_ends() -> None:
    fake = FakeReddit()
    connector = fake.connector()
    steps = connector.updates(None)
    while fake.now - START < timedelta(minutes=150):
        await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert fake.tokens == 3


async def test_a_token_that_is_let_go_early_is_renewed_once() -> None:
    fake = FakeReddit()
    subject = fake.post()
    connector = fake.connector()
    one = Line(connector, [await told(fake)], subject, START)
    steps = connector.updates(None)
    await anext(steps)
    fake.now += timedelta(minutes=5)
    tokens = fake.tokens
    good = fake.answer

    def old(request: httpx.Request, path: str) -> Any:
        held = request.headers["authorization"]
        if held == f"Bearer bearer-of-ours-{tokens}":
            return httpx.Response(401, json={"message": "Unauthorized", "error": 401})
        return good(request, path)

    fake.answer = old  # type: ignore[method-assign]
    assert len((await anext(steps)).threads) == 0
    assert fake.tokens == tokens + 1
    await steps.aclose()  # type: ignore[attr-defined]
    fake.override["POST /api/lock"] = lambda request: httpx.Response(401, json={})
    fake.now += timedelta(minutes=5)
    with pytest.raises(Retryable, match="a new one"):
        await connector.perform(one.ref, Lock(**ON, reason="x"), "k")
    with pytest.raises(Unauthorized):
        await connector.perform(one.ref, Lock(**ON, reason="x"), "k")
    assert fake.asked("POST /api/lock") == 2


async def test_a_refresh_token_is_the_other_grant() -> None:
    fake = FakeReddit()
    await told(fake)
    fake.secrets = {"client_secret": "cl1ent-secret", "refresh_token": "refresh-of-ours"}
    await told(fake, username=None)
    assert [form for what, form in fake.forms if what == "token"] == [
        {"grant_type": "password", "username": "mod", "password": "pass-w0rd"},
        {"grant_type": "refresh_token", "refresh_token": "refresh-of-ours"},
    ]
    fake.secrets = {"client_secret": "cl1ent-secret"}
    with pytest.raises(Rejected, match="password or a refresh_token"):
        fake.connector()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"error": "invalid_grant"}, Unauthorized),
        (400, {"error": "unsupported_grant_type"}, Unauthorized),
        (401, {"message": "Unauthorized"}, Unauthorized),
        (200, {"hello": 1}, Rejected),
        (500, {}, Retryable),
    ],
)
async def test_a_token_that_is_not_given_is_said(
    status: int, body: Any, kind: type[Exception]
) -> None:
    fake = FakeReddit()
    fake.override["access_token"] = lambda request: httpx.Response(status, json=body)
    with pytest.raises(kind, match=r"\w+ \w+"):
        await told(fake)


async def test_a_token_that_is_echoed_is_masked() -> None:
    fake = FakeReddit()
    fake.post("my bearer-of-ours-1 and pass-w0rd")
    batch = await told(fake)
    assert str(batch.posts[0].text) == "my **** and ****"


# who we are
async def test_scopes_and_permissions_that_are_missing_are_said_in_words() -> None:
    fake = FakeReddit(scopes="identity modposts", permissions=["posts"])
    connector = fake.connector()
    who = await connector.identity()
    assert (who.name, who.role) == ("u/mod", "moderator")
    assert "remove, approve, lock and set crowd control" in who.can
    assert "comment (the token lacks the scope submit)" in who.cannot
    assert "r/ours: ban, mute and note (the permission access is missing)" in who.cannot
    assert who.ask == "u/mod needs, to read the queues: the scope read"
    missing = connector.capabilities.missing
    assert "scope submit" in missing[Capability.REPLY]
    assert "access" in missing[Capability.BAN]
    assert "crowd control" in missing[Capability.SLOW_MODE]
    fake.permissions = None
    who = await fake.connector().identity()
    assert who.role == "member"
    assert "to be a moderator of r/ours" in who.ask
    assert "r/ours: this account is no moderator there" in who.cannot


async def test_six_sources_are_read_in_turns_and_none_is_taken_for_closed_meanwhile() -> None:
    fake = FakeReddit()
    first = fake.post("first", user_reports=[["rude", 1]])
    fake.queues["edited"] = []
    sources = ["modqueue", "reports", "spam", "unmoderated", "edited", "modmail"]
    connector = fake.connector(sources=sources)
    updates = connector.updates(None)
    start = await anext(updates)
    assert [flag.thread for flag in start.flags] == [first]
    listed: list[list[str]] = []
    late = ""
    for turn in range(4):
        if turn == 1:
            late = fake.post("late", user_reports=[], edited=fake.epoch(1))
            fake.queues["edited"].append(fake.queues["modqueue"].pop())
        fake.calls.clear()
        batch = await anext(updates)
        listed.append([c.path.rpartition("/")[2] for c in fake.calls if "inbox" not in c.path])
        told = [flag.thread for flag in batch.flags]
        assert told == ([late] if turn == 1 else [])
        open_items = {thread for thread, _ in batch.open_now or ()}
        assert open_items == ({first} if turn == 0 else {first, late})
    assert listed == [sources[:3], ["unmoderated", "edited", "conversations"]] * 2
    fake.things[first]["decided"] = True
    assert {thread for thread, _ in (await anext(updates)).open_now or ()} == {late}
    await updates.aclose()  # type: ignore[attr-defined]


async def test_of_an_item_in_two_lists_the_newest_word_counts() -> None:
    fake = FakeReddit()
    name = fake.post(user_reports=[["rude", 1]])
    fake.queues["unmoderated"] = [{"kind": "t3", "data": fake.things[name]}]
    connector = fake.connector(sources=["modqueue", "reports", "spam", "unmoderated"])
    updates = connector.updates(None)
    assert len((await anext(updates)).flags) == 1
    fake.things[name]["user_reports"] = [["rude", 2]]
    news = [len((await anext(updates)).flags) for _ in range(6)]
    assert news == [1, 0, 0, 0, 0, 0]
    await updates.aclose()  # type: ignore[attr-defined]
