"""The reddit connector against a stand-in of ours: what is done, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Absent, Found, RateLimited, Rejected, Stale, ThreadRef, Unknown
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY, held_before, off_before
from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    Escalate,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetCrowdControl,
)
from tests.connectors.contract import Line
from tests.connectors.fakereddit import SUB, FakeReddit, refused
from tests.connectors.platform import START
from tests.connectors.test_reddit_wire import Site
from tests.connectors.wire import read

ON: dict[str, Any] = {"thread": 1, "revision": 1}
DAY = 86_400
REPLY = Reply(**ON, text="Please read rule 1.")
CROWD = SetCrowdControl(**ON, level=3, reason="heated")


async def line(fake: FakeReddit, subject: str | None = None, **settings: Any) -> Line:
    """A connector that has read what is flagged."""
    subject = subject or fake.post()
    stage = Site(fake, **settings)
    return Line(stage.connect(), await read(stage), subject, START)


def sent(fake: FakeReddit, path: str) -> list[Any]:
    return [form for where, form in fake.forms if where == path]


def given(kind: SanctionKind, one: Line, **more: Any) -> Sanction:
    return Sanction(**{**ON, "sanction": kind, "author": one.ref.author, **more})


# replies
async def test_a_reply_is_a_comment_that_is_marked() -> None:
    fake = FakeReddit()
    one = await line(fake)
    receipt = await one.connector.perform(one.ref, REPLY, "k")
    assert (receipt.remote_id, receipt.evidence) == ("t1_s1", "")
    assert fake.said[0]["distinguished"] == "moderator"
    assert sent(fake, "/api/comment")[0]["thing_id"] == one.subject


@pytest.mark.parametrize(
    "broken",
    [
        lambda request: httpx.Response(500, json={}),
        lambda request: refused("USER_REQUIRED", "Please log in"),
        lambda request: httpx.Response(429, json={}),
    ],
)
async def test_a_mark_that_fails_does_not_repeat_the_comment(broken: Any) -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.override["/api/distinguish"] = broken
    receipt = await one.connector.perform(one.ref, REPLY, "k")
    assert receipt.remote_id == "t1_s1"
    assert "not marked" in receipt.evidence
    assert fake.asked("/api/comment") == 1


async def test_a_200_with_errors_is_a_refusal_with_its_reason() -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.override["/api/comment"] = lambda request: refused("THREAD_LOCKED", "comments are locked")
    with pytest.raises(Rejected, match="THREAD_LOCKED: comments are locked"):
        await one.connector.perform(one.ref, REPLY, "k")
    assert not fake.said


@pytest.mark.parametrize(
    ("more", "words", "wait"),
    [
        ({"ratelimit": 540.5}, "slow down", timedelta(seconds=540.5)),
        ({}, "Take a break for 9 minutes before", timedelta(minutes=9)),
        ({"ratelimit": 1e9}, "slow down", timedelta(hours=1)),
        ({}, "slow down", None),
    ],
)
async def test_a_200_that_limits_says_how_long(
    more: dict[str, Any], words: str, wait: timedelta | None
) -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.override["/api/comment"] = lambda request: refused("RATELIMIT", words, **more)
    with pytest.raises(RateLimited) as raised:
        await one.connector.perform(one.ref, REPLY, "k")
    assert raised.value.retry_after == wait


async def test_a_spent_limit_is_obeyed_before_it_bites() -> None:
    fake = FakeReddit()
    one = await line(fake)
    spent = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "100"}
    me = {"name": "mod", "id": "1"}
    fake.override["/api/v1/me"] = lambda request: httpx.Response(200, json=me, headers=spent)
    await one.connector.identity()
    assert fake.now - START >= timedelta(seconds=100)


async def test_what_is_too_long_is_refused_whole() -> None:
    fake = FakeReddit()
    one = await line(fake)
    long: tuple[Command, ...] = (
        replace(REPLY, text="x" * 10_001),
        given(SanctionKind.BAN, one, reason="x" * 101),
        given(SanctionKind.BAN, one, rule="r", reason="x" * 300),
        given(SanctionKind.BAN, one, reason="r", text="x" * 1001),
        given(SanctionKind.WARN, one, reason="x" * 251, text="Please."),
        Hide(**ON, posts=(one.subject,), author="a", reason="x" * 101),
    )
    before = len(fake.forms)
    for command in long:
        with pytest.raises(Rejected, match="characters: Reddit takes"):
            await one.connector.perform(one.ref, command, "k")
    assert not [path for path, _ in fake.forms[before:] if path != "token"]


# modmail
async def test_a_reply_in_modmail_is_never_internal_and_is_found_again() -> None:
    fake = FakeReddit()
    conversation = fake.write("Why me?")
    one = await line(fake, f"modmail_{conversation}")
    fake.override["/api/mod/conversations/c1$"] = lambda request: fake.answer(
        request, request.url.path
    )
    receipt = await one.connector.perform(one.ref, REPLY, "k")
    (form,) = sent(fake, "/api/mod/conversations/c1")
    assert (form["isInternal"], form["isAuthorHidden"]) == ("false", "false")
    found = await one.connector.find(one.ref, REPLY, START, frozenset())
    assert isinstance(found, Found)
    assert found.receipt.remote_id == receipt.remote_id
    await one.connector.perform(one.ref, Dismiss(**ON, flags=one.flags), "k2")
    assert fake.mail[conversation]["state"] == 2
    again = await one.connector.perform(one.ref, Dismiss(**ON, flags=one.flags), "k3")
    assert again.evidence == "archived already"
    for command in (Lock(**ON, reason="x"), Hide(**ON, posts=("m1",), author="asker")):
        with pytest.raises(Rejected, match="archive it"):
            await one.connector.perform(one.ref, command, "k4")


async def test_a_private_reply_and_a_discussion_are_modmail() -> None:
    fake = FakeReddit()
    one = await line(fake)
    private = replace(REPLY, audience=Audience.AUTHOR)
    await one.connector.perform(one.ref, private, "k")
    escalate = Escalate(**ON, team="leads", note="n", to="r/ours", text="Look at this\nplease")
    receipt = await one.connector.perform(one.ref, escalate, "k2")
    first, second = sent(fake, "/api/mod/conversations")
    assert (first["to"], first["srName"]) == (one.ref.author, SUB)
    assert ("to" in second, second["subject"]) == (False, "Look at this")
    found = await one.connector.find(one.ref, escalate, START, frozenset())
    assert isinstance(found, Found)
    assert found.receipt.remote_id == receipt.remote_id
    with pytest.raises(Rejected, match="channel ="):
        await one.connector.perform(one.ref, replace(escalate, to=""), "k3")


async def test_a_warning_leaves_a_note_and_is_not_sent_again_for_want_of_one() -> None:
    fake = FakeReddit()
    one = await line(fake)
    warn = given(SanctionKind.WARN, one, reason="rude", text="Please stop.")
    await one.connector.perform(one.ref, warn, "k")
    (note,) = sent(fake, "/api/mod/notes")
    assert (note["label"], note["note"], note["reddit_id"]) == (
        "ABUSE_WARNING",
        "rude",
        one.subject,
    )
    fake.override["/api/mod/notes"] = lambda request: httpx.Response(403, json={})
    receipt = await one.connector.perform(one.ref, warn, "k2")
    assert "without a mod note" in receipt.evidence
    with pytest.raises(Rejected, match="needs words"):
        await one.connector.perform(one.ref, given(SanctionKind.WARN, one), "k3")


# posts and comments
@pytest.mark.parametrize(
    ("rule", "settings", "reason"),
    [
        ("Spam", {}, "r1"),
        ("no-ads", {"removal_reasons": ["no-ads=r1"]}, "r1"),
        ("another", {}, ""),
    ],
)
async def test_a_rule_stands_for_a_removal_reason(
    rule: str, settings: dict[str, Any], reason: str
) -> None:
    fake = FakeReddit(reasons={"r1": {"id": "r1", "title": "spam", "message": "No ads."}})
    one = await line(fake, removal_message="public", **settings)
    hide = Hide(**ON, posts=(one.subject,), author=one.ref.author, rule=rule)
    await one.connector.perform(one.ref, hide, "k")
    assert fake.things[one.subject]["removed"]
    (form,) = sent(fake, "/api/v1/modactions/removal_reasons")
    assert f'"reason_id":"{reason}"' in form["json"]
    messages = sent(fake, "/api/v1/modactions/removal_link_message")
    said = {"item_id": [one.subject], "message": "No ads.", "type": "public", "title": "spam"}
    assert messages == ([said] if reason else [])
    again = await one.connector.perform(one.ref, hide, "k2")
    assert again.evidence == SO_ALREADY
    assert fake.asked("/api/remove$") == 1


async def test_the_title_of_a_long_reason_is_cut_to_what_reddit_takes() -> None:
    title = "Spam, advertising and other words that nobody had asked to read"
    fake = FakeReddit(reasons={"r1": {"id": "r1", "title": title, "message": "No ads."}})
    one = await line(fake, removal_message="public")
    hide = Hide(**ON, posts=(one.subject,), author=one.ref.author, rule=title)
    assert (await one.connector.perform(one.ref, hide, "k")).evidence == f"reason: {title}"
    (said,) = sent(fake, "/api/v1/modactions/removal_link_message")
    assert said["title"] == title[:50]


async def test_a_reason_that_fails_does_not_remove_again() -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.override["modactions"] = lambda request: httpx.Response(400, json={"reason": "TOO_LONG"})
    hide = Hide(**ON, posts=(one.subject,), author=one.ref.author, reason="ads")
    receipt = await one.connector.perform(one.ref, hide, "k")
    assert receipt.evidence.startswith("removed, but without its reason: ")
    assert "TOO_LONG" in receipt.evidence


async def test_a_removal_reason_that_is_not_there_is_said_before_anything_is_done() -> None:
    fake = FakeReddit()
    one = await line(fake, removal_reasons=["ads=r9"])
    hide = Hide(**ON, posts=(one.subject,), author=one.ref.author, rule="ads")
    with pytest.raises(Rejected, match="no reason r9"):
        await one.connector.perform(one.ref, hide, "k")
    assert not fake.asked("/api/remove$")
    with pytest.raises(Rejected, match="is not a rule and an id"):
        fake.connector(removal_reasons=["ads"])


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/api/remove", Hide(**ON, posts=("t3_1",), author="a")),
        ("/api/lock", Lock(**ON, reason="x")),
    ],
)
async def test_what_is_taken_and_not_done_is_a_refusal(path: str, command: Command) -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.override[f"POST {path}$"] = lambda request: {}
    with pytest.raises(Rejected, match="Reddit took it, but t3_1 is still not"):
        await one.connector.perform(one.ref, command, "k")


async def test_what_is_gone_is_said() -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.things.clear()
    with pytest.raises(Rejected, match="no longer"):
        await one.connector.perform(one.ref, Restore(**ON, posts=(one.subject,)), "k")


async def test_keeping_approves_and_further_reports_are_ignored_when_asked() -> None:
    fake = FakeReddit()
    one = await line(fake)
    keep = Dismiss(**ON, flags=one.flags, posts=one.posts)
    await one.connector.perform(one.ref, keep, "k")
    assert fake.things[one.subject]["approved"]
    assert not fake.asked("ignore_reports")
    await one.connector.perform(one.ref, replace(keep, further=True), "k2")
    assert fake.things[one.subject]["ignore_reports"]


async def test_a_report_that_was_not_on_screen_makes_it_stale() -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.things[one.subject]["user_reports"].append(["self-harm", 1])
    with pytest.raises(Stale, match="reported again"):
        await one.connector.perform(one.ref, Dismiss(**ON, flags=one.flags), "k")
    assert not fake.asked("/api/approve")


@pytest.mark.parametrize("held", [{"banned_by": True}, {"removed_by_category": "automod_filtered"}])
async def test_what_a_filter_holds_meanwhile_is_neither_kept_nor_left_in_the_queue_unsaid(
    held: dict[str, Any],
) -> None:
    fake = FakeReddit()
    one = await line(fake)
    fake.things[one.subject] |= {"removed": True, **held}
    keep = Dismiss(**ON, flags=one.flags, posts=one.posts)
    with pytest.raises(Stale, match="a filter of Reddit's holds it now"):
        await one.connector.perform(one.ref, keep, "k")
    assert not fake.asked("POST /api/(approve|ignore_reports)")
    await one.connector.perform(one.ref, replace(keep, approve=True), "k2")
    assert not fake.things[one.subject]["removed"]


async def test_closing_the_flags_of_what_is_removed_does_not_bring_it_back() -> None:
    fake = FakeReddit()
    subject = fake.post(removed=True, banned_by="another")
    one = await line(fake, subject)
    receipt = await one.connector.perform(one.ref, Dismiss(**ON, flags=one.flags), "k")
    assert receipt.evidence == "it stays removed"
    assert fake.asked("/api/ignore_reports") == 1
    assert not fake.asked("/api/approve")
    approve = Dismiss(**ON, flags=one.flags, posts=one.posts, approve=True)
    await one.connector.perform(one.ref, approve, "k2")
    assert not fake.things[subject]["removed"]


# people
@pytest.mark.parametrize("seconds", [3600, DAY + 1, 1000 * DAY, 0, -DAY])
async def test_a_ban_is_of_whole_days(seconds: int) -> None:
    fake = FakeReddit()
    one = await line(fake)
    with pytest.raises(Rejected, match="1 to 999 whole days"):
        await one.connector.perform(one.ref, given(SanctionKind.BAN, one, seconds=seconds), "k")


@pytest.mark.parametrize(("seconds", "days"), [(DAY, "1"), (999 * DAY, "999"), (None, None)])
async def test_a_ban_says_what_it_is_for(seconds: int | None, days: str | None) -> None:
    fake = FakeReddit()
    one = await line(fake)
    ban = given(SanctionKind.BAN, one, seconds=seconds, rule="spam", reason="ads", text="Enough.")
    await one.connector.perform(one.ref, ban, "k")
    (form,) = sent(fake, f"/r/{SUB}/api/friend")
    told = {"type": "banned", "name": one.ref.author, "ban_reason": "spam", "note": "spam · ads",
            "ban_message": "Enough."}  # fmt: skip
    assert form == {"api_type": "json", "raw_json": "1", **told} | (
        {"duration": days} if days else {}
    )
    again = await one.connector.perform(one.ref, ban, "k2")
    assert again.evidence == SO_ALREADY


async def test_a_mute_is_the_shortest_that_lasts_and_its_end_spares_anothers() -> None:
    fake = FakeReddit()
    conversation = fake.write("Why me?")
    one = await line(fake, f"modmail_{conversation}")
    mute = given(SanctionKind.MUTE, one, seconds=5 * DAY)
    receipt = await one.connector.perform(one.ref, mute, "k")
    assert sent(fake, f"/api/mod/conversations/{conversation}/mute")[0]["num_hours"] == "168"
    fake.people["muted", "asker"]["date"] += 100
    lift = LiftSanction(**ON, sanction=SanctionKind.MUTE, author="asker", expect=receipt.evidence)
    assert (await one.connector.perform(one.ref, lift, "k2")).evidence == LEFT_ALONE
    assert fake.people
    await one.connector.perform(one.ref, replace(lift, expect=None), "k3")
    assert not fake.people
    over = await one.connector.perform(one.ref, lift, "k4")
    assert over.evidence == "it was over already"


@pytest.mark.parametrize("seconds", [4 * DAY, None])
async def test_outside_of_modmail_a_mute_is_short(seconds: int | None) -> None:
    fake = FakeReddit()
    one = await line(fake)
    with pytest.raises(Rejected, match="days at most"):
        await one.connector.perform(one.ref, given(SanctionKind.MUTE, one, seconds=seconds), "k")


async def test_a_deleted_account_cannot_be_banned_or_written_to() -> None:
    fake = FakeReddit()
    subject = fake.post(author=None)
    one = await line(fake, subject)
    for command in (given(SanctionKind.BAN, one), replace(REPLY, audience=Audience.AUTHOR)):
        with pytest.raises(Rejected, match="deleted their account"):
            await one.connector.perform(one.ref, command, "k")


async def test_the_context_has_the_comments_and_survives_their_absence() -> None:
    fake = FakeReddit()
    one = await line(fake)
    await one.connector.perform(one.ref, REPLY, "k")
    assert [p.remote_id for p in (await one.connector.context(one.ref)).posts] == [
        one.subject, "t1_s1",
    ]  # fmt: skip
    comment = ThreadRef("t1_s1", SUB, "mod", "t3_gone")
    assert [p.remote_id for p in (await one.connector.context(comment)).posts] == ["t1_s1"]


async def test_a_comment_of_another_text_is_not_ours() -> None:
    fake = FakeReddit()
    one = await line(fake)
    await one.connector.perform(one.ref, REPLY, "k")
    other = await one.connector.find(one.ref, replace(REPLY, text="else"), START, frozenset())
    assert other == Absent(strong=False)


# crowd control
async def test_crowd_control_is_of_the_post_that_a_comment_stands_under() -> None:
    fake = FakeReddit()
    post = fake.post()
    comment = fake.post("rude", name="t1_c", link_id=post, parent_id=post, body="rude")
    for subject in (post, comment):
        one = await line(fake, subject)
        await one.connector.perform(one.ref, CROWD, subject)
        assert fake.crowds.pop(post) == 3
    assert not fake.crowds


async def test_modmail_has_no_crowd_control() -> None:
    fake = FakeReddit()
    one = await line(fake, f"modmail_{fake.write('hello')}")
    with pytest.raises(Rejected, match="modmail has no crowd control"):
        await one.connector.perform(one.ref, CROWD, "k")
    assert not sent(fake, "/api/update_crowd_control_level")


async def test_a_longer_ban_of_another_is_left_and_ours_is_made_shorter() -> None:
    fake = FakeReddit()
    one = await line(fake)
    for_good = Sanction(
        **ON, sanction=SanctionKind.BAN, author=one.ref.author, reason="ads", text="No ads."
    )
    await one.connector.perform(one.ref, for_good, "1")
    week = replace(for_good, seconds=7 * 86_400)
    assert (await one.connector.perform(one.ref, week, "2")).evidence == SO_ALREADY
    assert fake.asked("POST .*/api/friend") == 1
    told = await one.connector.perform(one.ref, replace(week, renews=True), "3")
    assert told.evidence != SO_ALREADY
    assert fake.asked("POST .*/api/friend") == 2


async def test_what_a_filter_held_is_removed_and_is_not_ours_to_bring_back() -> None:
    fake = FakeReddit()
    filtered = {"removed_by_category": "automod_filtered", "banned_by": "AutoModerator"}
    held, plain = fake.post(**filtered, removed=True), fake.post()
    connector = fake.connector()
    async for _ in connector.updates(None):
        break
    ref = ThreadRef(held, SUB, "you lot1")
    hide = Hide(**ON, posts=(held, plain), author="you lot1", reason="spam")
    receipt = await connector.perform(ref, hide, "k")
    assert [form["id"] for form in sent(fake, "/api/remove")] == [held, plain]
    assert held_before(receipt.evidence) == {held}
    assert not off_before(receipt.evidence)


async def test_what_a_filter_held_is_known_as_that_after_a_lost_answer() -> None:
    fake = FakeReddit()
    held = fake.post(removed_by_category="automod_filtered", removed=True)
    connector = fake.connector()
    ref, hide = ThreadRef(held, SUB, "you lot1"), Hide(**ON, posts=(held,), author="you lot1")

    def lost(request: httpx.Request) -> Any:
        fake.answer(request, request.url.path)
        raise httpx.ReadTimeout("", request=request)

    fake.override["/api/remove"] = lost
    with pytest.raises(Unknown):
        await connector.perform(ref, hide, "k")
    fake.override.clear()
    assert held_before((await connector.perform(ref, hide, "k")).evidence) == {held}


async def test_what_a_filter_held_and_reddit_left_so_was_not_removed() -> None:
    fake = FakeReddit()
    held = fake.post(removed_by_category="automod_filtered", removed=True)
    connector = fake.connector()
    ref, hide = ThreadRef(held, SUB, "you lot1"), Hide(**ON, posts=(held,), author="you lot1")
    fake.override["/api/remove"] = lambda request: {}
    with pytest.raises(Rejected, match="still not removed"):
        await connector.perform(ref, hide, "k")


async def test_what_another_moderator_removed_since_is_not_ours_to_bring_back() -> None:
    fake = FakeReddit()
    name = fake.post()
    connector = fake.connector()
    ref, hide = ThreadRef(name, SUB, "you lot1"), Hide(**ON, posts=(name,), author="you lot1")
    restore = Restore(**ON, posts=(name,))
    await connector.perform(ref, hide, "k")
    fake.things[name]["banned_by"] = "mod-c"
    with pytest.raises(Stale, match="u/mod-c has removed it since"):
        await connector.perform(ref, restore, "k1")
    assert not sent(fake, "/api/approve")
    fake.things[name]["banned_by"] = "MOD"
    await connector.perform(ref, restore, "k2")
    assert not fake.things[name]["removed"]
