"""The stage's views, authors and deeds: what the store would answer, over the canned rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from modtui.domain.model import State
from modtui.domain.named_views import By, Kind, View
from modtui.domain.people import AuthorNote, AuthorRecord, Deed
from modtui.domain.text import clean_line
from modtui.domain.views import QueueFilter, QueueRow
from modtui.engine import Refused, Undone
from modtui.engine.knowing import Outside


def fits(row: QueueRow, asked: QueueFilter, now: datetime) -> bool:
    """Whether `row` is in a view, as the store would say."""
    due, claim = row.standing.due_at, row.claim
    held = claim is not None and claim.until > now
    holder = claim.by if held and claim is not None else None
    done = row.state is State.RESOLVED
    if asked.done_since is not None:
        return done and row.resolved_at is not None and row.resolved_at >= asked.done_since
    return (
        row.backlog == asked.backlog
        and (not asked.states or row.state in asked.states)
        and (not asked.accounts or row.account in asked.accounts)
        and (not asked.languages or (row.language or "") in asked.languages)
        and (not asked.reasons or row.why in asked.reasons)
        and (not asked.late or (due is not None and due < now))
        and (asked.due_before is None or (due is not None and due < asked.due_before))
        and (not asked.now or row.now_at is not None)
        and (not asked.unowned or not held)
        and asked.claimed_by in (None, holder)
        and (not asked.ids or row.id in asked.ids)
        and asked.text.lower() in row.title.lower()
    )  # fmt: skip


@dataclass
class FakeViews:
    """The `Views` of the stage; `kept` are those that were saved."""

    rows: Mapping[int, QueueRow]
    order: Sequence[int]
    now: Callable[[], datetime]
    me: str
    zone: str
    kept: dict[str, View] = field(default_factory=dict)
    searched: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None

    def asks(self, view: View) -> QueueFilter:
        return view.asks(self.me, self.now(), self.zone)

    def _ids(self, asked: QueueFilter) -> tuple[int, ...]:
        return tuple(t for t in self.order if fits(self.rows[t], asked, self.now()))

    async def counted(self, views: Sequence[View]) -> tuple[int, ...]:
        return tuple(len(self._ids(self.asks(view))) for view in views)

    async def groups(self, view: View, by: By) -> tuple[tuple[str, int], ...]:
        rows = [self.rows[t] for t in self._ids(self.asks(view))]
        values: Mapping[By, Iterable[str]] = {
            By.PLATFORM: (row.account for row in rows),
            By.LANGUAGE: (row.language or "" for row in rows),
            By.REASON: (row.why for row in rows),
        }
        return tuple(Counter(values[by]).most_common())

    async def outside(self, view: View) -> Outside:
        inside = set(self._ids(self.asks(view)))
        late, now = (set(self._ids(self.asks(View(k)))) for k in (Kind.LATE, Kind.NOW))
        return Outside(len(late - inside), len(now - inside))

    async def search(self, text: str, view: View) -> tuple[int, ...]:
        self.searched.append(text)
        if self.gate is not None:
            await self.gate.wait()
        return self._ids(replace(self.asks(view), text=text))

    async def saved(self) -> tuple[View, ...]:
        return tuple(self.kept[name] for name in sorted(self.kept))

    async def save(self, view: View) -> View:
        if not view.name.strip():
            raise Refused("invalid", "a view is saved under a name: write one")
        self.kept[view.name.strip()] = named = replace(view, name=view.name.strip())
        return named

    async def forget(self, name: str) -> None:
        self.kept.pop(name, None)


@dataclass
class FakePeople:
    """The `People` of the stage: one record, to which notes are added."""

    now: Callable[[], datetime]
    me: str
    known: AuthorRecord | None = None

    async def record(self, thread_id: int, author_id: str) -> AuthorRecord | None:
        return self.known

    async def note(self, thread_id: int, author_id: str, text: str) -> None:
        if not text.strip():
            raise Refused("invalid", "an empty note is not kept")
        note = AuthorNote(self.me, self.now(), clean_line(text), thread_id)
        if self.known is not None:
            self.known = replace(self.known, notes=(note, *self.known.notes))


@dataclass
class FakeDeeds:
    """The `Deeds` of the stage; `undone` holds the batches that were taken back."""

    done: list[Deed] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    refuse: Refused | None = None

    async def mine(self) -> tuple[Deed, ...]:
        return tuple(self.done)

    async def undo(self, deed: Deed) -> Undone:
        if self.refuse is not None:
            raise self.refuse
        self.undone.append(deed.batch)
        return Undone(f"taken back: {', '.join(deed.what)}", deed.thread, inverse=deed.inverse)
