"""A help route opened by words, and what it does to what is sent and learnt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.domain.commands import MarkSensitive, Note, NotSensitive, Reply
from modtui.domain.entries import parse
from modtui.domain.help_routes import HelpBook, by_head, pattern
from modtui.domain.lane import SENSITIVE, stay
from modtui.domain.model import Author, Event, EventKind, Post, Role, State, ThreadRecord
from modtui.domain.outbox import DeliveryState
from modtui.domain.text import literal
from modtui.engine import Refused
from modtui.engine.gate import help_values, why_open
from modtui.engine.history import happen
from modtui.engine.merge import put_context
from modtui.engine.pieces import Source
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


async def test_a_route_with_a_name_is_better_than_one_opened_by_hand(gate: Scene) -> None:
    record = await told(gate, "Hello")
    await gate.store.write(lambda tx: tx.update_thread(replace(record, help_route=SENSITIVE)))
    await gate.take(posts=(post(gate.at(-1), "p2", text=literal("lost everything")),))
    assert (await gate.record()).help_route == "gambling"


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


async def opened(stage: Stage) -> int:
    number = await add_thread(stage)
    await stage.submit(MarkSensitive(thread=number, revision=1))
    return number


def reply(thread: int, text: str = "Hello!", **more: object) -> Reply:
    return Reply(thread=thread, revision=2, text=text, **more)  # type: ignore[arg-type]


async def sent(stage: Stage, number: int) -> list[Reply]:
    rows = await stage.store.read(lambda tx: tx.deliveries(thread=number))
    return [row.command for row in rows if isinstance(row.command, Reply)]


async def test_whatever_is_sent_under_the_gate_bears_the_disclaimer(stage: Stage) -> None:
    number = await opened(stage)
    await stage.submit(reply(number), Note(thread=number, revision=2, text="careful"))
    (out,) = await sent(stage, number)
    assert out.text.startswith("Hello!\n\n" + SAID)
    assert out.route == SENSITIVE


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
