"""A help route opened by words, and what it does to what is sent and learnt."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.commands import (
    NO_ROUTE,
    MarkSensitive,
    Note,
    NotSensitive,
    Reply,
    Sanction,
    SanctionKind,
)
from modtui.domain.entries import parse
from modtui.domain.help_routes import HelpBook, by_head, pattern
from modtui.domain.lane import SENSITIVE, stay
from modtui.domain.model import Author, Event, EventKind, Post, Role, State, ThreadRecord
from modtui.domain.outbox import DeliveryState
from modtui.domain.text import literal
from modtui.engine import Refused, hearing
from modtui.engine.gate import help_values, spoken, why_open, with_disclaimer
from modtui.engine.hearing import hear_again
from modtui.engine.history import happen
from modtui.engine.merge import put_context
from modtui.engine.pieces import Source
from modtui.engine.rulebook import Books
from modtui.engine.submit import submit
from tests.engine.outbox_stage import Stage, add_thread
from tests.engine.scene import DESK, GENERAL, REALM, STAFF, Scene, flag, post, thread
from tests.store.stage import record as stored

ROUTES = ("self-harm", "threat", "gambling")
SAID = "We are moderators, not doctors"


@pytest.fixture
def gate(desk: Scene) -> Scene:
    desk.desk = replace(DESK, help_reasons=ROUTES, now_reasons=("self-harm",))
    return desk


async def told(gate: Scene, text: str, title: str = "Hello") -> ThreadRecord:
    """A thread flagged as spam, in which somebody says `text`."""
    await gate.take(
        channels=(GENERAL,),
        threads=(thread(gate.at(-10), title=literal(title)),),
        posts=(post(gate.at(-10), text=literal(text), is_subject=True),),
        flags=(flag(gate.at(-5), reason="spam"),),
        caught_up=True,
    )
    return await gate.record()


async def test_words_open_the_route_of_a_new_thread_whatever_it_was_flagged_for(
    gate: Scene,
) -> None:
    record = await told(gate, "I cannot stop gambling and nobody answers")
    assert (record.help_route, record.now_at) == ("gambling", None)
    posts = await gate.store.read(lambda tx: tx.posts(record.id))
    assert why_open(record, posts, gate.desk) == "cannot stop gambling"


async def test_so_does_a_title(gate: Scene) -> None:
    assert (await told(gate, "…", "Не хочу жить")).help_route == "self-harm"


async def test_a_route_of_the_now_lane_puts_the_thread_there(gate: Scene) -> None:
    record = await told(gate, "I want to die")
    assert (record.help_route, record.now_reason) == ("self-harm", "self-harm")
    here = stay(await gate.history())
    assert here is not None
    assert record.now_at == here.since == gate.at(-5), "it counts from the flag on"


async def test_a_later_post_opens_it_too_and_enters_the_lane_once(gate: Scene) -> None:
    assert (await told(gate, "Hello")).help_route is None
    later = post(gate.at(-1), "p2", text=literal("I'm going to kill myself"))
    await gate.take(posts=(later,))
    record = await gate.record()
    assert (record.help_route, record.now_reason) == ("self-harm", "self-harm")
    assert record.now_at == gate.at(-1)
    await gate.take(posts=(later, post(gate.at(0), "p3", text=literal("I want to die"))))
    assert [kind for kind, _ in await gate.events()].count("sensitive") == 1


async def test_what_staff_write_opens_nothing(gate: Scene) -> None:
    await told(gate, "Hello")
    said = literal("do you want to die?")
    await gate.take(posts=(post(gate.at(-1), "p2", text=said, author=STAFF, role=Role.STAFF),))
    assert (await gate.record()).help_route is None
    await gate.take(posts=(post(gate.at(-1), "p3", text=said),))
    assert (await gate.record()).help_route == "self-harm"


async def test_what_its_author_took_away_opens_nothing(gate: Scene) -> None:
    await told(gate, "Hello")
    gone = post(gate.at(-2), "p2", text=literal("I want to die"), deleted_at=gate.at(-1))
    await gate.take(posts=(gone,))
    assert (await gate.record()).help_route is None


async def test_a_route_with_a_name_is_better_than_one_opened_by_hand(gate: Scene) -> None:
    record = await told(gate, "Hello")
    await gate.store.write(lambda tx: tx.update_thread(replace(record, help_route=SENSITIVE)))
    await gate.take(posts=(post(gate.at(-1), "p2", text=literal("lost everything")),))
    assert (await gate.record()).help_route == "gambling"


async def test_the_teams_routes_hold_as_they_are_now(gate: Scene) -> None:
    mine = HelpBook(by_head([pattern("gambling", "sausages")]), {}, {"en": "Ours."}, {})
    assert (await told(gate, "nothing but sausages")).help_route is None
    books = Books(gate.desk)
    gate.books = books
    books.take(None, mine)
    await gate.take(posts=(post(gate.at(-1), "p2", text=literal("sausages again")),))
    record = await gate.record()
    assert record.help_route == "gambling"
    reply = Reply(thread=record.id, revision=record.revision, text="Here.", language="en")
    assert "Ours." in with_disclaimer(reply, record, gate.parts.ruled).text
    books.take(None, None)
    assert "Ours." not in with_disclaimer(reply, record, gate.parts.ruled).text


async def look_around(gate: Scene, *posts: Post) -> ThreadRecord:
    """The thread of `told`, opened: `posts` are read around it."""
    record, source = await gate.record(), Source("forum", REALM, {}, "us")
    await gate.store.write(lambda tx: put_context(tx, record, posts, source, gate.parts))
    return await gate.record()


async def test_so_do_the_authors_words_that_are_read_around_the_thread(gate: Scene) -> None:
    revision = (await told(gate, "Hello")).revision
    words = post(gate.at(-60), "p0", text=literal("I want to die"))
    record = await look_around(gate, words)
    assert (record.help_route, record.now_reason) == ("self-harm", "self-harm")
    assert record.now_at == gate.at(0), "nobody could have known it before"
    assert record.revision == revision + 1, "what was decided before is asked again"
    await look_around(gate, words)
    assert [kind for kind, _ in await gate.events()].count("sensitive") == 1


async def test_they_open_a_route_outside_the_now_lane_without_an_alarm(gate: Scene) -> None:
    await told(gate, "Hello")
    words = post(gate.at(-60), "p0", text=literal("I cannot stop gambling"))
    record = await look_around(gate, words)
    assert (record.help_route, record.now_at) == ("gambling", None)
    assert await gate.events() == [("flagged", "Igor")]


async def test_what_others_say_around_it_opens_nothing(gate: Scene) -> None:
    await told(gate, "Hello")
    other = Author("u7", literal("Somebody"))
    words = post(gate.at(-60), "p0", text=literal("I want to die"), author=other)
    assert (await look_around(gate, words)).help_route is None


async def test_why_it_is_open_quotes_the_author_before_a_neighbour(gate: Scene) -> None:
    await told(gate, "I cannot stop gambling")
    other = Author("u7", literal("Somebody"))
    words = post(gate.at(-60), "p0", text=literal("I lost everything here"), author=other)
    record = await look_around(gate, words)
    posts = await gate.store.read(lambda tx: tx.posts(record.id))
    assert [each.remote_id for each in posts] == ["p0", "p1"]
    assert why_open(record, posts, gate.desk) == "cannot stop gambling"


async def test_a_look_at_a_resolved_thread_does_not_reopen_it(gate: Scene) -> None:
    record = await told(gate, "Hello")
    resolved = Event(EventKind.RESOLVED, gate.at(0), "mod-a")
    await gate.store.write(lambda tx: happen(tx, record, (resolved,), gate.parts))
    words = post(gate.at(-60), "p0", text=literal("I want to die"))
    record = await look_around(gate, words)
    assert (record.state, record.help_route, record.now_at) == (State.RESOLVED, None, None)


async def test_words_that_were_around_when_the_route_was_closed_stay_closed(gate: Scene) -> None:
    await told(gate, "Hello")
    words = post(gate.at(-60), "p0", text=literal("I want to die"))
    record = await look_around(gate, words)
    detail = (("over", "a figure of speech"), ("closed", "self-harm"))
    over = Event(EventKind.SENSITIVE, gate.at(1), "mod-a", detail)
    await gate.store.write(
        lambda tx: happen(tx, replace(record, help_route=None), (over,), gate.parts)
    )
    assert (await look_around(gate, words)).help_route is None


def ours(*patterns: str) -> HelpBook:
    """Routes of the team's own: words that open "gambling"."""
    return HelpBook(by_head([pattern("gambling", words) for words in patterns]))


async def heard_again(gate: Scene, book: HelpBook | None) -> ThreadRecord:
    """The only thread after `book` became the team's."""
    assert gate.books is not None
    gate.books.take(None, book)
    gate.told.clear()
    await hear_again(gate.parts)
    return await gate.record()


@pytest.fixture
async def queued(gate: Scene) -> Scene:
    """A thread in the queue that no words of the day open."""
    gate.books = Books(gate.desk)
    await hear_again(gate.parts)
    await told(gate, "nothing but sausages")
    assert (await gate.record()).help_route is None
    return gate


async def test_new_words_open_what_is_in_the_queue_already_once(queued: Scene) -> None:
    record = await heard_again(queued, ours("sausage"))
    assert (record.help_route, record.now_at) == ("gambling", None)
    assert [change.threads for change in queued.told] == [frozenset({record.id})]
    again = await heard_again(queued, ours("sausage"))
    assert (again, queued.told) == (record, [])
    assert (await heard_again(queued, None)).help_route == "gambling", "it closes none"


async def test_routes_that_others_took_the_place_of_are_not_kept(queued: Scene) -> None:
    said = (await queued.record()).thread
    for number in range(9):
        desk = replace(queued.desk, help_book=ours(f"gherkin {number}"))
        assert spoken(said, (), desk) is None
    gc.collect()
    books = [each for each in gc.get_objects() if isinstance(each, HelpBook)]
    numbered = [each for each in books if str(each.heads).count("gherkin")]
    assert 0 < len(numbered) <= 3


async def test_what_the_now_lane_is_for_enters_it_then(queued: Scene) -> None:
    queued.desk = replace(queued.desk, now_reasons=("gambling",))
    queued.books = Books(queued.desk)
    record = await heard_again(queued, ours("sausage"))
    assert (record.now_reason, record.now_at) == ("gambling", queued.at(0))


async def test_words_of_others_and_a_resolved_thread_are_not_heard_again(queued: Scene) -> None:
    other = Author("u7", literal("Somebody"))
    await look_around(queued, post(queued.at(-60), "p0", text=literal("biscuits"), author=other))
    assert (await heard_again(queued, ours("biscuit"))).help_route is None
    record = await queued.record()
    resolved = Event(EventKind.RESOLVED, queued.at(0), "mod-a")
    await queued.store.write(lambda tx: happen(tx, record, (resolved,), queued.parts))
    assert (await heard_again(queued, ours("sausage"))).help_route is None


async def test_a_route_that_was_closed_in_words_is_not_heard_again(queued: Scene) -> None:
    await heard_again(queued, ours("sausage"))
    await over(queued)
    assert (await heard_again(queued, ours("sausage", "nothing"))).help_route is None


async def test_what_was_put_aside_is_heard_too_slice_by_slice(
    queued: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_SLICE", 1)
    titled = thread(queued.at(-9), "s2", title=literal("Sausages"))
    await queued.take(threads=(titled,), flags=(flag(queued.at(-5), "f2", thread="s2"),))
    aside = await queued.record("s2")
    await queued.store.write(lambda tx: tx.update_thread(replace(aside, backlog=True)))
    assert (await heard_again(queued, ours("sausage"))).help_route == "gambling"
    assert (await queued.record("s2")).help_route == "gambling"
    assert len(queued.told) == 2


async def test_while_another_hears_nothing_is_done_twice(queued: Scene) -> None:
    taken = await queued.store.write(lambda tx: tx.take_lease("~help-routes", "there:2:b", 60))
    assert taken is not None
    assert (await heard_again(queued, ours("sausage"))).help_route is None


async def opened(stage: Stage) -> int:
    number = await add_thread(stage)
    await stage.submit(MarkSensitive(thread=number, revision=1))
    return number


def reply(thread: int, text: str = "Hello!", revision: int = 2, **more: object) -> Reply:
    return Reply(thread=thread, revision=revision, text=text, **more)  # type: ignore[arg-type]


async def sent(stage: Stage, number: int) -> list[Reply]:
    rows = await stage.store.read(lambda tx: tx.deliveries(thread=number))
    return [row.command for row in rows if isinstance(row.command, Reply)]


async def test_whatever_is_sent_under_the_gate_bears_the_disclaimer(stage: Stage) -> None:
    number = await opened(stage)
    await stage.submit(reply(number), Note(thread=number, revision=2, text="careful"))
    (out,) = await sent(stage, number)
    assert out.text.startswith("Hello!\n\n" + SAID)
    assert out.route == SENSITIVE


def test_so_does_a_warning_in_words_of_ours_and_no_mute() -> None:
    warn = Sanction(
        thread=1, revision=2, sanction=SanctionKind.WARN, author="u1", text="Please be kind."
    )
    under = replace(stored(), help_route="threat", language="en")
    out = with_disclaimer(warn, under, DESK)
    assert isinstance(out, Sanction)
    assert out.text.startswith(f"Please be kind.\n\n{SAID}")
    theirs = replace(warn, preset="rude"), replace(warn, text="")
    for each in (*theirs, replace(warn, sanction=SanctionKind.MUTE, seconds=60)):
        assert with_disclaimer(each, under, DESK) == each
    assert with_disclaimer(warn, replace(under, help_route=None), DESK) == warn


@pytest.mark.parametrize("how", ["by my !", "by words around it", "before a new start"])
async def test_what_was_on_its_way_when_the_gate_opened_comes_back(stage: Stage, how: str) -> None:
    number = await add_thread(stage)
    if "start" not in how:
        await stage.begin()
    taken = await stage.submit(reply(number, revision=1, quick="joke", light=True), hold=True)
    if how == "by words around it":
        record = await stage.thread(number)
        await stage.store.write(lambda tx: tx.update_thread(replace(record, help_route="gambling")))
    else:
        await stage.submit(MarkSensitive(thread=number, revision=1))
    if "start" in how:
        await stage.begin()
        assert await stage.states(taken.deliveries[0].id) == [DeliveryState.STALE]
    stage.clock.now += timedelta(minutes=1)
    await stage.drive()
    row = await stage.row(taken.deliveries[0].id)
    assert (row.state, stage.connector.performed) == (DeliveryState.STALE, [])
    assert "start" in how or "help route was opened before it was sent" in str(row.error)
    assert await stage.draft(number) == "Hello!"


async def test_what_was_decided_before_the_gate_opened_asks_before_it_goes(stage: Stage) -> None:
    number = await add_thread(stage)
    record = await stage.thread(number)
    await stage.store.write(lambda tx: tx.update_thread(replace(record, help_route="gambling")))
    began = reply(number, revision=record.revision, route=NO_ROUTE)
    with pytest.raises(Refused, match="help route gambling was opened since") as refused:
        await stage.submit(began)
    assert refused.value.can_force
    assert await sent(stage, number) == []
    await stage.submit(began, force=True)
    await stage.submit(replace(began, route="gambling"), force=True)
    assert {each.route for each in await sent(stage, number)} == {"gambling"}
    calm = await add_thread(stage, "s2")
    await stage.submit(reply(calm, revision=1, route=NO_ROUTE))
    assert [each.route for each in await sent(stage, calm)] == [None], "as if nobody had asked"


async def test_what_bears_the_disclaimer_already_goes_out_when_the_gate_gets_a_name(
    stage: Stage,
) -> None:
    number = await opened(stage)
    await stage.begin()
    taken = await stage.submit(reply(number), hold=True)
    record = await stage.thread(number)
    await stage.store.write(lambda tx: tx.update_thread(replace(record, help_route="gambling")))
    stage.clock.now += timedelta(minutes=1)
    await stage.drive()
    assert await stage.states(taken.deliveries[0].id) == [DeliveryState.SENT]


async def test_it_is_in_the_language_of_the_reply_and_there_once(stage: Stage) -> None:
    number = await opened(stage)
    await stage.submit(reply(number, language="ru"))
    (out,) = await sent(stage, number)
    assert out.text.count("Мы модераторы") == 1
    assert SAID not in out.text
    other = await add_thread(stage, "s2")
    await stage.submit(MarkSensitive(thread=other, revision=1))
    await stage.submit(reply(other, out.text, language="en"))
    assert [each.text for each in await sent(stage, other)] == [out.text]


async def test_without_a_route_a_reply_goes_out_as_it_is(stage: Stage) -> None:
    number = await add_thread(stage)
    await stage.submit(Reply(thread=number, revision=1, text="Hello!"))
    assert [(each.text, each.route) for each in await sent(stage, number)] == [("Hello!", None)]


async def test_under_the_gate_only_help_entries_are_learnt(stage: Stage) -> None:
    for subject, quick, helps in (("a", "routine", False), ("b", "help-any", True)):
        number = await add_thread(stage, subject)
        await stage.submit(MarkSensitive(thread=number, revision=1))
        await stage.submit(reply(number, quick=quick, helps=helps))
        await stage.drive()
        rows = await stage.store.read(lambda tx, n=number: tx.deliveries(thread=n))  # type: ignore[misc]
        assert [row.state for row in rows] == [DeliveryState.SENT]
    assert await stage.store.read(lambda tx: tx.sent_counts()) == {"help-any": 1}


def test_the_links_of_the_country_fill_a_help_entry() -> None:
    table = {"id": "h", "tags": ["help:self-harm"], "en": {"title": "T", "body": "{help_link}"}}
    entry = parse(table, "f")
    book = HelpBook(
        by_head([pattern("self-harm", "suicid")]),
        {"self-harm": {"any": "everywhere", "PL": "116 123"}},
        emergency={"PL": "112"},
    )
    desk = replace(DESK, help_book=book, countries={"forum": "PL"})
    record = replace(stored(), account="forum")
    assert help_values(entry, record, desk) == {"help_link": "116 123", "emergency": "112"}
    assert help_values(entry, replace(record, account="chat"), desk) == {}, "its own defaults"
    assert help_values(replace(entry, tags=()), record, desk) == {}


async def over(gate: Scene, why: str = "a song") -> ThreadRecord:
    """What is left of the only thread once a moderator says that it is not sensitive."""
    record = await gate.record()
    command = NotSensitive(thread=record.id, revision=record.revision, why=why)
    await submit(gate.parts, [command], hold=False, force=False)
    return await gate.record()


async def test_words_close_what_words_opened_and_the_same_words_do_not_open_it_again(
    gate: Scene,
) -> None:
    await told(gate, "I want to die", "I want to die")
    record = await over(gate)
    assert (record.help_route, record.now_at, record.state.value) == (None, None, "open")
    audit = await gate.store.read(lambda tx: tx.audit(thread=record.id))
    assert [(line.who, line.action, line.detail) for line in audit if "not" in line.action] == [
        (gate.parts.me, "not-sensitive", "not sensitive: a song → I want to die")
    ]
    again = post(gate.at(-10), text=literal("I want to die"), is_subject=True)
    titled = thread(gate.at(-10), title=literal("I want to die"))
    await gate.take(channels=(GENERAL,), threads=(titled,), posts=(again,), caught_up=True)
    assert (await gate.record()).help_route is None


@pytest.mark.parametrize("how", ["a new post", "an edit", "a post from before", "another title"])
async def test_whatever_was_not_there_then_opens_it_again(gate: Scene, how: str) -> None:
    await told(gate, "I want to die")
    await over(gate)
    said = literal("I want to die now")
    if how == "a new post":
        await gate.take(posts=(post(gate.at(1), "p2", text=said),))
    elif how == "an edit":
        edited = post(gate.at(-10), text=said, is_subject=True, edited_at=gate.at(1))
        await gate.take(posts=(edited,))
    elif how == "a post from before":
        await gate.take(posts=(post(gate.at(-9), "p2", text=said),))
    else:
        await gate.take(channels=(GENERAL,), threads=(thread(gate.at(-10), title=said),))
    record = await gate.record()
    assert (record.help_route, record.now_reason) == ("self-harm", "self-harm")


async def test_u_gives_the_route_back_as_it_was(stage: Stage) -> None:
    number = await add_thread(stage)
    record = await stage.thread(number)
    await stage.store.write(lambda tx: tx.update_thread(replace(record, help_route="gambling")))
    for _ in range(2):
        revision = (await stage.thread(number)).revision
        await stage.submit(NotSensitive(thread=number, revision=revision, why="a song"))
        assert (await stage.thread(number)).help_route is None
        undone = await stage.outbox.undo(number)
        assert "not sensitive: a song" in undone.message, "it is sensitive again"
        assert (await stage.thread(number)).help_route == "gambling"


async def test_a_flag_is_taken_back_by_no_words_and_without_words_nothing_is(gate: Scene) -> None:
    await told(gate, "I want to die")
    with pytest.raises(Refused, match="say in words"):
        await over(gate, " ")
    await gate.take(flags=(flag(gate.at(-1), "f2", reason="self-harm"),))
    with pytest.raises(Refused, match="outcome in words"):
        await over(gate)
    assert (await gate.record()).help_route == "self-harm"


async def test_what_was_chosen_under_the_gate_stays_untaught_when_it_is_closed(
    stage: Stage,
) -> None:
    number = await opened(stage)
    await stage.submit(reply(number, quick="routine", helps=False))
    await stage.submit(NotSensitive(thread=number, revision=2, why="a song"))
    await stage.drive()
    assert await stage.store.read(lambda tx: tx.sent_counts()) == {}
