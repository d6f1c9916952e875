"""Mod notes on Reddit: those of others are read where they matter, and ours are left there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    ConnectorError,
    Found,
    RateLimited,
    Rejected,
    ThreadRef,
    Unknown,
    Unsupported,
)
from modtui.connectors.evidence import LEFT_ALONE
from modtui.domain.commands import Capability, Comment, LiftSanction, Sanction, SanctionKind
from modtui.domain.model import Remark
from tests.connectors.contract import Line
from tests.connectors.fakereddit import SUB, FakeReddit, refused
from tests.connectors.platform import START
from tests.connectors.test_reddit_wire import Site
from tests.connectors.wire import read

ON: dict[str, Any] = {"thread": 1, "revision": 1}
NOTE = Comment(**ON, text="the third account of theirs")
DAY = 86_400
API = "POST /api/mod/notes$"


async def line(fake: FakeReddit, subject: str | None = None, **settings: Any) -> Line:
    """A connector that has read what is flagged, and leaves notes there."""
    subject = subject or fake.post()
    stage = Site(fake, notes="reddit", **settings)
    return Line(stage.connect(), await read(stage), subject, START)


def rounds(fake: FakeReddit, cursor: str | None = None) -> AsyncIterator[Batch]:
    return fake.connector(notes="reddit").updates(cursor)


async def noticed(updates: AsyncIterator[Batch], minutes: int = 6) -> list[Remark]:
    """What is noted in the rounds of these minutes."""
    return [one for _ in range(minutes) for one in (await anext(updates)).remarks]


def author(fake: FakeReddit, name: str) -> str:
    return str(fake.things[name]["author"])


# ours
async def test_a_note_is_left_on_the_author_beside_what_it_is_about() -> None:
    fake = FakeReddit()
    one = await line(fake)
    receipt = await one.connector.perform(one.ref, NOTE, "k")
    (note,) = fake.notes
    assert (note["subreddit"], note["user"]) == (SUB, one.ref.author)
    assert note["user_note_data"] == {"note": NOTE.text, "label": None, "reddit_id": one.subject}
    assert (receipt.remote_id, receipt.at) == (note["id"], START)
    found = await one.connector.find(one.ref, NOTE, START, frozenset())
    assert isinstance(found, Found)
    assert found.receipt == receipt
    taken = frozenset({str(receipt.remote_id)})
    assert await one.connector.find(one.ref, NOTE, START, taken) == Absent(strong=False)
    later = START + timedelta(hours=1)
    assert await one.connector.find(one.ref, NOTE, later, frozenset()) == Absent(strong=False)


async def test_a_note_in_modmail_is_on_who_wrote_it() -> None:
    fake = FakeReddit()
    one = await line(fake, f"modmail_{fake.write('Why me?')}")
    await one.connector.perform(one.ref, NOTE, "k")
    assert (fake.notes[0]["user"], fake.notes[0]["user_note_data"]["reddit_id"]) == ("asker", None)


async def test_the_same_words_of_another_moderator_are_not_ours() -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.note(one.ref.author, NOTE.text)
    assert await one.connector.find(one.ref, NOTE, START, frozenset()) == Absent(strong=False)
    fake.override["GET /api/mod/notes$"] = lambda request: httpx.Response(403, json={})
    found = await one.connector.find(one.ref, NOTE, START, frozenset())
    assert isinstance(found, CannotTell)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refused("USER_DOESNT_EXIST", "no such user"), Rejected, "USER_DOESNT_EXIST: no such user"),
        (refused("RATELIMIT", "slow down", ratelimit=30), RateLimited, "slow down"),
        ({}, Unknown, "did not name it"),
        ({"created": {"id": 7}}, Unknown, "did not name it"),
        (httpx.Response(403, json={"message": "Forbidden"}), Rejected, "Forbidden"),
    ],
)
async def test_a_note_that_is_not_taken_says_why(
    answer: Any, kind: type[ConnectorError], words: str
) -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.override[API] = lambda request: answer
    with pytest.raises(kind, match=words):
        await one.connector.perform(one.ref, NOTE, "k")
    assert fake.asked(API) == 1


async def test_a_note_that_cannot_be_is_not_sent() -> None:
    fake = FakeReddit()
    one = await line(fake)
    with pytest.raises(Rejected, match="251 characters: Reddit takes 250"):
        await one.connector.perform(one.ref, replace(NOTE, text="x" * 251), "k")
    gone = ThreadRef(one.subject, SUB, "[deleted]")
    with pytest.raises(Rejected, match="deleted their account"):
        await one.connector.perform(gone, NOTE, "k")
    assert not fake.asked(API)


async def test_notes_stay_here_unless_the_account_says_otherwise() -> None:
    fake = FakeReddit()
    stage = Site(fake)
    fake.note(author(fake, fake.post()), "for us")
    (batch,) = await read(stage)
    assert batch.remarks == ()
    assert not fake.asked("mod/notes")
    connector = stage.connect()
    assert 'notes = "reddit"' in connector.capabilities.missing[Capability.NOTE]
    with pytest.raises(Unsupported):
        await connector.perform(ThreadRef("t3_1", SUB, "a"), NOTE, "k")


@pytest.mark.parametrize(
    ("scopes", "permissions", "lack"),
    [("identity read", ["all"], "scope modnote"), ("*", ["posts"], "permission access")],
)
async def test_a_right_that_is_missing_is_said(
    scopes: str, permissions: list[str], lack: str
) -> None:
    connector = FakeReddit(scopes=scopes, permissions=permissions).connector(notes="reddit")
    await connector.identity()
    assert lack in connector.capabilities.missing[Capability.NOTE]


# along with a ban or a mute
@pytest.mark.parametrize(
    ("kind", "seconds", "label"),
    [
        (SanctionKind.BAN, 7 * DAY, "BAN"),
        (SanctionKind.BAN, None, "PERMA_BAN"),
        (SanctionKind.MUTE, 3 * DAY, None),
    ],
)
async def test_a_ban_or_mute_leaves_its_reason_as_a_note(
    kind: SanctionKind, seconds: int | None, label: str | None
) -> None:
    fake = FakeReddit()
    one = await line(fake)
    who = one.ref.author
    given = Sanction(**ON, sanction=kind, author=who, seconds=seconds, reason="insults again")
    receipt = await one.connector.perform(one.ref, given, "k")
    assert receipt.evidence == f"{START.timestamp():.0f}"
    (note,) = fake.notes
    assert (note["user"], note["user_note_data"]["note"]) == (who, "insults again")
    assert note["user_note_data"]["label"] == label
    # Done again it is so already, and nothing more is noted.
    await one.connector.perform(one.ref, given, "again")
    assert len(fake.notes) == 1


async def test_a_ban_without_a_reason_leaves_no_note() -> None:
    fake = FakeReddit()
    one = await line(fake)
    given = Sanction(**ON, sanction=SanctionKind.BAN, author=one.ref.author, rule="rule 1")
    await one.connector.perform(one.ref, given, "k")
    assert fake.notes == []


async def test_a_note_that_fails_leaves_the_ban_and_what_ends_it() -> None:
    fake = FakeReddit()
    one = await line(fake)
    who = one.ref.author
    fake.override[API] = lambda request: refused("NOPE", "not now")
    given = Sanction(**ON, sanction=SanctionKind.BAN, author=who, seconds=DAY, reason="insults")
    receipt = await one.connector.perform(one.ref, given, "k")
    assert receipt.evidence.endswith("; without a mod note: Reddit refused: NOPE: not now")
    assert ("banned", who) in fake.people
    other = LiftSanction(**ON, sanction=SanctionKind.BAN, author=who, expect="12; without it")
    assert (await one.connector.perform(one.ref, other, "k")).evidence == LEFT_ALONE
    ours = replace(other, expect=receipt.evidence)
    await one.connector.perform(one.ref, ours, "k")
    assert ("banned", who) not in fake.people


# those of others
async def test_notes_of_other_moderators_are_told_once() -> None:
    fake = FakeReddit()
    name = fake.post()
    fake.note(author(fake, name), "the third account of theirs", label="SPAM_WATCH")
    async with aclosing(rounds(fake)) as updates:  # type: ignore[type-var]
        (remark,) = (await anext(updates)).remarks
        assert (remark.thread, remark.by, remark.text, remark.at) == (
            name, "u/jane", "spam watch: the third account of theirs", START,
        )  # fmt: skip
        assert await noticed(updates) == []
        fake.note(author(fake, name), "and a fourth")
        fake.note(author(fake, name), "and a fifth")
        told = await noticed(updates)
        assert {"and a fourth", "and a fifth"} <= {str(one.text) for one in told}
        batch = await anext(updates)
    async with aclosing(rounds(fake, batch.cursor)) as updates:  # type: ignore[type-var]
        assert await noticed(updates) == []


async def test_a_note_is_on_all_that_its_author_wrote_before_it_and_on_what_it_names() -> None:
    fake = FakeReddit()
    first, second = fake.post(author="them"), fake.post(author="them")
    other, old = fake.post(), fake.post(author="older", created_utc=None)
    mail = f"modmail_{fake.write('Why me?', who='them')}"
    fake.note("older", "long ago")
    fake.note("older", "about this", reddit_id=old)
    fake.note("them", "long ago")["created_at"] -= 3 * DAY
    fake.note("them", "just now")
    async with aclosing(rounds(fake)) as updates:  # type: ignore[type-var]
        told = {(one.thread, str(one.text)) for one in (await anext(updates)).remarks}
    assert told == {
        (first, "just now"), (second, "just now"), (mail, "just now"), (old, "about this"),
    }  # fmt: skip
    assert not any(thread == other for thread, _ in told)


async def test_somebody_who_is_gone_hides_no_note_on_others() -> None:
    fake = FakeReddit()
    names = [fake.post() for _ in range(9)]
    fake.post(author="[deleted]")
    fake.gone = {author(fake, names[4])}
    for name in names:
        fake.note(author(fake, name), "seen before")
    async with aclosing(rounds(fake)) as updates:  # type: ignore[type-var]
        told = await noticed(updates)
        assert {one.thread for one in told} == {*names} - {names[4]}
        fake.calls.clear()
        await noticed(updates, 10)
        assert fake.asked("notes/recent") == 2


async def test_notes_that_may_not_be_read_hide_no_queue() -> None:
    fake = FakeReddit()
    fake.override["mod/notes/recent"] = lambda request: httpx.Response(403, json={})
    name = fake.post()
    async with aclosing(rounds(fake)) as updates:  # type: ignore[type-var]
        assert [thread.subject for thread in (await anext(updates)).threads] == [name]
        await noticed(updates, 10)
    assert fake.asked("notes/recent") == 1


@pytest.mark.parametrize("spoilt", [None, 7, {}, {"id": 7}, {"id": "n", "user_note_data": "?"}])
async def test_a_note_that_cannot_be_read_hides_no_other(spoilt: Any) -> None:
    fake = FakeReddit()
    first, second = fake.post(), fake.post()
    good = fake.note(author(fake, second), "seen before")
    answer = {"mod_notes": [spoilt, good]}
    fake.override["mod/notes/recent"] = lambda request: httpx.Response(200, json=answer)
    async with aclosing(rounds(fake)) as updates:  # type: ignore[type-var]
        told = [one.thread for one in (await anext(updates)).remarks]
    assert told == [second]
    assert first
