"""The matrix connector against a stand-in: broken items, hostile text, refusals."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    Batch,
    RateLimited,
    Rejected,
    Retryable,
    ThreadRef,
    Unsupported,
)
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.matrix.connector import Matrix
from modtui.connectors.matrix.events import MESSAGES, text_of
from modtui.connectors.matrix.power import (
    MUTED,
    Closing,
    Power,
    close_room,
    mute,
    reopen_room,
    unmute,
)
from modtui.domain.commands import (
    Capability,
    Dismiss,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Sanction,
    SanctionKind,
    SetSlowMode,
)
from modtui.domain.model import Role
from tests.connectors.fakesynapse import ME, ROOM, FakeSynapse, message, report, stamp
from tests.connectors.platform import START
from tests.connectors.wire import closed_by

ON: dict[str, Any] = {"thread": 1, "revision": 1}
REF = ThreadRef("$insult", ROOM, "@mallory:ours.test")


async def first(matrix: Matrix, cursor: str | None = None, count: int = 1) -> Batch:
    """Return the batch number `count` from `cursor` on."""
    steps: AsyncIterator[Batch] = matrix.updates(cursor)
    for _ in range(count - 1):
        await anext(steps)
    batch = await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    await matrix.aclose()
    return batch


async def test_a_quiet_server_is_read_to_its_present_end_at_every_poll() -> None:
    for count, caught_up in ((1, False), (2, True), (3, True), (4, True)):
        assert (await first(FakeSynapse().connector(), count=count)).caught_up is caught_up


async def test_broken_reports_are_set_aside_and_hide_no_other() -> None:
    fake = FakeSynapse(
        reports=[
            {"id": "one", "event_id": 7},
            "not even an object",
            report(2, "$insult", reason=None),
            {"id": 3, "room_id": ROOM},
            report(4, "$odd"),
        ],
        events={"$insult": message("you lot"), "$odd": {"type": 5, "content": []}},
    )
    batch = await first(fake.connector())
    assert [t.subject for t in batch.threads] == ["$insult"]
    assert [(f.thread, f.reason) for f in batch.flags] == [("$insult", "reported")]
    assert [b.where for b in batch.broken] == ["event_reports"] * 3 + ["event $odd"]
    # What could not be read may be an open report: of these three nobody can tell which.
    assert [b.subject for b in batch.unread] == ["", "", ""]
    assert not closed_by([batch] * 4)


async def test_what_is_reported_and_cannot_be_read_is_followed_on() -> None:
    fake = FakeSynapse(reports=[report(1, "$insult")], events={"$insult": message("you lot")})
    seen = await first(fake.connector())
    fake.reports[0]["received_ts"] = "soon"
    later = await first(fake.connector(), seen.cursor)
    assert [one.subject for one in later.unread] == ["$insult"]
    told = json.loads(later.cursor)
    assert (told["open"], told["left"]) == (["$insult"], {})


async def test_hostile_text_is_cleaned_everywhere() -> None:
    bad = "\x1b]0;owned\x07\u202ehello\x9b2J"
    fake = FakeSynapse(
        reports=[
            report(
                1,
                "$insult",
                reason=f"rude\n{bad}" + " and so on" * 10,
                user_id=f"@{bad}:ours.test",
                canonical_alias=None,
                name=f"{bad}\nroom",
            )
        ],
        events={"$insult": message(bad, sender=f"@mallory{bad}:ours.test")},
    )
    batch = await first(fake.connector())
    shown = [
        batch.threads[0].title,
        batch.threads[0].author.name,
        batch.posts[0].text,
        batch.flags[0].reason,
        batch.flags[0].note,
        batch.flags[0].by or "",
        batch.channels[0].name,
    ]
    for text in shown:
        assert not {"\x1b", "\x9b", "\x07", "\u202e", "\n"} & set(text)
        assert "hello" in text or "rude" in text
    assert batch.posts[0].hidden > 0
    assert batch.posts[0].raw == bad


async def test_a_time_from_the_far_future_is_now() -> None:
    fake = FakeSynapse(
        reports=[report(1, "$insult", received_ts=-5)],
        events={"$insult": message("x", origin_server_ts=10**17)},
    )
    batch = await first(fake.connector())
    assert batch.posts[0].created_at == START
    assert batch.flags[0].at.year == 1970


async def test_a_list_that_moved_while_it_was_read_closes_nothing() -> None:
    rows = [report(n, "$insult") for n in range(1, 6)]
    fake = FakeSynapse(reports=rows, events={"$insult": message("x")}, page=2)
    assert (await first(fake.connector())).open_now == {("$insult", str(n)) for n in range(1, 6)}

    def shrink(request: httpx.Request) -> dict[str, Any]:
        start = int(request.url.params["from"])
        part = [rows[0], rows[1]] if start == 0 else rows[start + 1 : start + 3]
        return {"event_reports": part, "total": 5 if start == 0 else 4, "next_token": start + 2}

    fake.override["GET .*/event_reports$"] = shrink
    batch = await first(fake.connector())
    assert batch.open_now is None
    assert len(batch.flags) == 4


async def test_a_restart_goes_on_from_the_cursor_and_asks_nothing_twice() -> None:
    fake = FakeSynapse(reports=[report(1, "$insult")], events={"$insult": message("x")})
    begun = await first(fake.connector(), count=2)
    assert begun.caught_up
    fake.reports.append(report(2, "$insult", reason="again"))
    fake.calls.clear()
    batch = await first(fake.connector(), begun.cursor)
    assert (batch.threads, [f.key for f in batch.flags]) == ((), ["2"])
    assert fake.asked("GET .*/event_reports/") == 0
    assert batch.open_now == {("$insult", "1"), ("$insult", "2")}


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"since": 5}', "7"])
async def test_a_cursor_that_cannot_be_read_starts_over(cursor: str) -> None:
    fake = FakeSynapse(reports=[report(1, "$insult")], events={"$insult": message("x")})
    assert len((await first(fake.connector(), cursor)).threads) == 1


async def test_reports_are_polled_at_the_configured_pace() -> None:
    fake = FakeSynapse()
    steps = fake.connector(poll=timedelta(seconds=60)).updates(None)
    await anext(steps)
    await anext(steps)
    fake.reports.append(report(1, "$insult"))
    fake.events["$insult"] = message("x")
    batch = await anext(steps)
    assert len(batch.threads) == 1
    assert fake.now - START == timedelta(seconds=60)
    assert fake.asked("GET .*/event_reports$") == 2
    await steps.aclose()  # type: ignore[attr-defined]


async def test_only_the_configured_rooms_are_told() -> None:
    fake = FakeSynapse(
        reports=[report(1, "$insult"), report(2, "$other", room_id="!other:ours.test")],
        events={"$insult": message("x"), "$other": message("y")},
    )
    batch = await first(fake.connector(rooms=[ROOM]))
    assert [t.channel for t in batch.threads] == [ROOM]


async def test_a_server_without_reports_on_people_is_read_all_the_same() -> None:
    fake = FakeSynapse(reports=[report(1, "$insult")], events={"$insult": message("x")})
    fake.override["user_reports"] = lambda request: httpx.Response(
        404, json={"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}
    )
    batch = await first(fake.connector())
    assert batch.open_now == {("$insult", "1")}


async def test_an_event_the_server_lost_still_makes_a_thread() -> None:
    batch = await first(FakeSynapse(reports=[report(1, "$gone")]).connector())
    assert batch.threads[0].title == "[the server no longer has this event]"
    assert batch.threads[0].author.name == "mallory"


async def test_a_member_who_is_no_admin_is_told_what_is_missing() -> None:
    fake = FakeSynapse()
    fake.override["event_reports"] = lambda request: httpx.Response(
        403, json={"errcode": "M_FORBIDDEN", "error": "You are not a server admin"}
    )
    with pytest.raises(Rejected, match="not a Synapse server admin: reports cannot be listed"):
        await first(fake.connector())
    matrix = fake.connector()
    who = await matrix.identity()
    assert "not a Synapse server admin" in who.cannot[0]
    assert "server admin" in matrix.capabilities.missing[Capability.DISMISS]


async def test_a_redirect_is_refused() -> None:
    fake = FakeSynapse()
    fake.override["whoami"] = lambda request: httpx.Response(
        302, headers={"location": "https://evil.test/whoami"}
    )
    with pytest.raises(Rejected, match="redirects to https://evil"):
        await fake.connector().identity()


async def test_a_page_that_is_no_matrix_server_is_said_to_be_none() -> None:
    fake = FakeSynapse()
    fake.override["whoami"] = lambda request: httpx.Response(200, text="<html>hotel wifi</html>")
    with pytest.raises(Retryable, match="cannot read"):
        await fake.connector().identity()
    fake.override["whoami"] = lambda request: httpx.Response(200, json=["hello"])
    with pytest.raises(Rejected, match="not a Matrix server"):
        await fake.connector().identity()


async def test_429_gives_the_delivery_back_with_the_time_in_milliseconds() -> None:
    fake = FakeSynapse()
    limited = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many", "retry_after_ms": 458}
    fake.override["PUT .*/send/"] = lambda request: httpx.Response(
        429, json=limited, headers={"Retry-After": "1"}
    )
    with pytest.raises(RateLimited) as told:
        await fake.connector().perform(REF, Reply(**ON, text="x"), "k")
    assert told.value.retry_after == timedelta(milliseconds=458)


async def test_dismissing_what_is_gone_is_done_and_the_rest_goes_on() -> None:
    fake = FakeSynapse()
    fake.override["DELETE .*/event_reports/2"] = lambda request: httpx.Response(200, json={})
    await fake.connector().perform(REF, Dismiss(**ON, flags=("1", "2", "user:3")), "k")
    deleted = [one.path for one in fake.calls if one.method == "DELETE"]
    assert [path.split("/v1/")[1] for path in deleted] == [
        "event_reports/1",
        "event_reports/2",
        "user_reports/3",
    ]


async def test_what_matrix_cannot_do_says_why() -> None:
    matrix = FakeSynapse().connector()
    assert "read-only until" in matrix.capabilities.missing[Capability.SLOW_MODE]
    with pytest.raises(Unsupported):
        await matrix.perform(REF, SetSlowMode(**ON, seconds=5, until=None, reason=""), "k")
    person = ThreadRef("@mallory:ours.test", "people", "@mallory:ours.test")
    with pytest.raises(Unsupported, match="has no room"):
        await matrix.perform(person, Hide(**ON, posts=("$x",), author="@mallory:ours.test"), "k")
    hide = matrix.capabilities.offers[Capability.HIDE]
    assert (hide.for_good, hide.leaves_flag) == (True, True)


async def test_a_moderator_below_the_needed_power_is_told_before_anything_is_sent() -> None:
    fake = FakeSynapse(power={"users": {ME: 50}, "state_default": 50, "events": {}})
    fake.power["events"] = {"m.room.power_levels": 100}
    with pytest.raises(Rejected, match="needs power 100"):
        await fake.connector().perform(REF, Lock(**ON, reason="x"), "k")
    assert fake.asked("PUT ") == 0


async def test_a_lost_answer_to_a_closing_keeps_what_was_there_before() -> None:
    fake = FakeSynapse(power={"users": {ME: 100}, "events_default": 10})
    matrix = fake.connector()
    # The first try was executed, its answer lost; the second one finds it done.
    await matrix.perform(REF, Lock(**ON, reason="x"), "key")
    receipt = await matrix.perform(REF, Lock(**ON, reason="x"), "key")
    assert fake.asked("PUT .*power_levels") == 1
    assert '"events_default": 10' in receipt.evidence


@pytest.mark.parametrize(
    "before",
    [
        {},
        {"events_default": 0, "users_default": 0},
        {"events_default": 0, "events": {"m.room.message": 0, "m.room.name": 50}},
        {"events_default": "0", "events": {"m.reaction": 5}},
        {"users_default": 20},
        {"events_default": 60},
    ],
)
@pytest.mark.parametrize("dropped", [False, True])
def test_closing_and_reopening_leaves_the_room_as_it_was(
    before: dict[str, Any], dropped: bool
) -> None:
    closing = Closing("key", "read_only", START, None)
    content, evidence = close_room(Power(before), closing)
    assert Power(content).closed
    for kind in MESSAGES:
        assert content.get("events", {}).get(kind, content["events_default"]) >= 50
    if dropped:
        del content["modtui.closed"]
    opened = reopen_room(Power(content), evidence)
    assert opened is not None
    if before.get("events_default") == "0":
        before = {"events": before["events"]}
    assert opened == before


def test_a_second_closing_keeps_the_first_ones_memory_and_ends_its_timer() -> None:
    first_closed, old = close_room(Power({}), Closing("one", "read_only", START, None))
    again, new = close_room(Power(first_closed), Closing("two", "lock", START, None))
    assert reopen_room(Power(again), old) is None
    assert reopen_room(Power(again), new) == {}


def test_mute_remembers_a_level_and_never_names_more_than_the_muted() -> None:
    power = Power({"users": {"@bob:x": 10, ME: 100}}, frozenset({"@creator:x"}))
    content, evidence = mute(power, "@bob:x", "key")
    assert content["users"] == {"@bob:x": MUTED, ME: 100}
    repeated, again = mute(Power(content), "@bob:x", "key")
    assert (repeated, again) == (content, evidence)
    assert unmute(Power(content), "@bob:x", evidence) == power.content
    other, _ = mute(Power(content), "@bob:x", "other")
    assert unmute(Power(other), "@bob:x", evidence) is None
    assert power.of("@creator:x") > 100


def test_text_that_only_the_formatted_form_shows_is_shown() -> None:
    content = {
        "msgtype": "m.text",
        "body": "have a nice day",
        "format": "org.matrix.custom.html",
        "formatted_body": "<b>you</b> &amp; <i>all of you</i> are idiots",
    }
    text, _ = text_of("m.room.message", content)
    assert "[shown as] you" in text
    assert "idiots" in text
    content["formatted_body"] = "<em>have</em> a <b>nice</b> day"
    assert text_of("m.room.message", content)[0] == "have a nice day"


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("m.room.message", {}, ""),
        ("m.room.message", {"body": 5, "m.relates_to": "no"}, ""),
        ("m.room.encrypted", {"ciphertext": "x"}, "[encrypted: modtui cannot read it]"),
        ("m.reaction", {}, "[m.reaction]"),
    ],
)
def test_odd_content_still_reads(kind: str, content: dict[str, Any], text: str) -> None:
    assert text_of(kind, content)[0] == text


async def test_a_picture_is_told_by_its_size_and_keeps_its_address_as_evidence() -> None:
    content = {
        "msgtype": "m.image",
        "body": "cat.png",
        "url": "mxc://ours.test/cat",
        "info": {"w": 1280, "h": 720},
    }
    fake = FakeSynapse(reports=[report(1, "$pic")], events={"$pic": message("", content=content)})
    post = (await first(fake.connector())).posts[0]
    assert (post.media, post.text) == (("image 1280×720",), "cat.png")
    assert post.raw.endswith("mxc://ours.test/cat")


async def test_posts_of_other_conversations_and_broken_ones_do_not_disturb() -> None:
    fake = FakeSynapse(reports=[report(1, "$insult")], events={"$insult": message("x")})
    start = await first(fake.connector(), count=2)
    answer = {"m.in_reply_to": {"event_id": "$insult"}}
    fake.timeline = [
        message("elsewhere", event_id="$1"),
        {"type": "m.room.message", "content": "?"},
        message(
            "sorry",
            event_id="$2",
            content={"msgtype": "m.text", "body": "sorry", "m.relates_to": answer},
        ),
        message(
            "by staff",
            event_id="$3",
            sender=ME,
            origin_server_ts=stamp(1),
            content={"msgtype": "m.notice", "body": "by staff", "m.relates_to": answer},
        ),
    ]
    batch = await first(fake.connector(), start.cursor, count=2)
    assert [(p.remote_id, p.role) for p in batch.posts] == [("$2", Role.AUTHOR), ("$3", Role.STAFF)]
    assert len(batch.broken) == 1


async def test_a_conversation_is_followed_for_a_week_after_its_last_report() -> None:
    fake = FakeSynapse(reports=[report(1, "$insult")], events={"$insult": message("x")})
    cursor = (await first(fake.connector(), count=2)).cursor
    fake.reports.clear()
    answer = {
        "msgtype": "m.text",
        "body": "but why?",
        "m.relates_to": {"m.in_reply_to": {"event_id": "$insult"}},
    }
    for day, told in ((0, 1), (6, 1), (8, 0)):
        fake.now = START + timedelta(days=day)
        fake.timeline = [message("", event_id=f"${day}", content=answer)]
        batch = await first(fake.connector(), cursor, count=2)
        assert [p.text for p in batch.posts] == ["but why?"] * told
        cursor = batch.cursor


async def test_a_ban_of_another_is_neither_ended_nor_taken_back_and_ours_is() -> None:
    for sender, evidence in (("@lead:ours.test", SO_ALREADY), (ME, "$ban")):
        fake = FakeSynapse()
        there = {"event_id": "$ban", "sender": sender, "content": {"membership": "ban"}}
        fake.override["GET .*/state/m.room.member/"] = lambda request, there=there: there
        fake.override["POST .*/unban"] = lambda request: {}
        matrix = fake.connector()
        ban = Sanction(**ON, sanction=SanctionKind.BAN, author="@mallory:ours.test", seconds=60)
        assert (await matrix.perform(REF, ban, "1")).evidence == evidence
        assert not fake.asked("POST .*/ban$")
        lift = LiftSanction(**ON, sanction=SanctionKind.BAN, author=ban.author, expect=evidence)
        told = await matrix.perform(REF, lift, "2")
        assert (told.evidence == LEFT_ALONE) is (evidence == SO_ALREADY)
