"""What is stored beside a thread is what its history says, in whatever order it comes to light."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.cycles import follow
from modtui.domain.lane import stay
from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.settings import Desk
from modtui.domain.sla import standing
from modtui.engine.history import happen
from tests.engine.scene import DESK, POLICY
from tests.store.stage import T0, record

UNDONE = EventKind.UNDONE
WAKES = (T0 + timedelta(days=30)).isoformat()
DEEDS = (
    (EventKind.FLAGGED, ()),
    (EventKind.FLAGGED, (("rule", 1),)),
    (EventKind.FLAGGED, (("severity", "high"),)),
    (EventKind.AUTHOR_POST, ()),
    (EventKind.STAFF_REPLY, ()),
    (EventKind.STAFF_REPLY, (("then", "done"),)),
    (EventKind.STAFF_REPLY, (("then", "open"),)),
    (EventKind.STAFF_REPLY, (("audience", "author"),)),
    (EventKind.HIDDEN, (("delivery", 1),)),
    (EventKind.DISMISSED, (("finishes", 0),)),
    (EventKind.RESOLVED, (("batch", "b1"),)),
    (EventKind.REOPENED, (("batch", "b2"),)),
    (EventKind.ESCALATED, (("team", "legal"),)),
    (EventKind.SNOOZED, (("until", WAKES),)),
    (EventKind.SANCTIONED, (("sanction", "ban"),)),
    (EventKind.STAFF_NOTE, ()),
    (EventKind.SENSITIVE, (("batch", "b3"), ("route", "sensitive"))),
    (EventKind.SENSITIVE, (("over", "a song"), ("closed", "sensitive"))),
    (EventKind.SENSITIVE, (("reason", "threat"), ("flag", "f9"))),
    (EventKind.UNDONE, (("batch", "b1"),)),
    (EventKind.UNDONE, (("batch", "b2"),)),
    (EventKind.UNDONE, (("batch", "b3"),)),
    (EventKind.UNDONE, (("delivery", 2), ("undoes", 1))),
)


@dataclass
class Book:
    """One thread and its history, in memory; as much of a transaction as `happen` asks for."""

    record: ThreadRecord
    known: list[Event] = field(default_factory=list)

    async def events(self, _: int) -> tuple[Event, ...]:
        return tuple(sorted(self.known, key=lambda event: event.at))

    async def add_event(self, _: int, event: Event) -> None:
        self.known.append(replace(event, id=len(self.known) + 1))

    async def update_thread(self, record: ThreadRecord) -> None:
        self.record = record

    async def complete_at(self, _: str) -> None:
        return None


@dataclass
class Now:
    """As much of the engine's parts as `happen` asks for."""

    at: object = T0
    policies: tuple[object, ...] = (POLICY,)
    desk: Desk = DESK

    def now(self) -> object:
        return self.at


def possible(kind: EventKind, detail: dict[str, object], known: list[Event]) -> bool:
    """Only what was done is undone, and nothing is done again under the same name."""
    name = detail.get("undoes") or detail.get("batch") or detail.get("delivery")
    names = {event.get("delivery") or event.get("batch") for event in known}
    gone = {event.get("undoes") or event.get("batch") for event in known if event.kind is UNDONE}
    if kind is UNDONE:
        return name in names - gone
    return name is None or name not in names


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from((0, 0, 0, 50, 130))), max_size=7))
async def test_state_and_deadline_are_those_of_the_history(deeds: list[object]) -> None:
    book, parts = Book(record("s1")), Now()
    await happen(book, book.record, [Event(EventKind.FLAGGED, T0, "Igor")], parts)
    for turn, ((kind, detail), minutes_ago) in enumerate(deeds, 1):
        if not possible(kind, dict(detail), book.known):
            continue
        parts.at = T0 + timedelta(minutes=37 * turn)
        at = max(T0, parts.at - timedelta(minutes=minutes_ago))
        await happen(book, book.record, [Event(kind, at, "mod-a", detail)], parts)
        history = await book.events(1)
        assert book.record.state is follow(history, parts.at).state
        assert book.record.standing == standing(history, POLICY, parts.at, None)
        here = stay(history)
        assert book.record.now_at == (here.since if here else None)
        assert book.record.now_due_at == (here.since + DESK.now_target if here else None)
        assert here is None or book.record.state is not State.RESOLVED
