"""Mod notes: what moderators note of a person, which Reddit shows them beside that person's name.

Source: /api/mod/notes and /api/mod/notes/recent of Reddit's API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import Absent, CannotTell, Found, Rejected, ThreadRef, Unknown
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import convert_each, moment, says
from modtui.connectors.reddit import modmail
from modtui.connectors.reddit.facts import DELETED
from modtui.connectors.reddit.session import Session
from modtui.domain.model import Remark
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean, clean_line

API = "/api/mod/notes"
LONGEST_NOTE = 250
_EVERY = timedelta(minutes=5)
_PAUSE = timedelta(minutes=2)
_PAIRS = 100
_PAGE = 100
_MOST_PEOPLE = 5
_SKEW = timedelta(minutes=2)

Person = tuple[str, str]
"""A subreddit and who wrote there: notes are on the two."""


class _Said(msgspec.Struct):
    note: str | None = None
    label: str | None = None
    reddit_id: str | None = None


class ModNote(msgspec.Struct):
    """One mod note; `created_at` is an epoch second."""

    id: str
    created_at: float = 0
    operator: str | None = None
    user_note_data: _Said | None = None

    @property
    def text(self) -> str:
        """What it says, without its label."""
        return (self.user_note_data.note if self.user_note_data else None) or ""

    def is_on(self, case: Case) -> bool:
        """Whether it is on this post, comment or conversation, or was written since that."""
        named = self.user_note_data.reddit_id if self.user_note_data else None
        return named == case.subject or self.created_at >= case.since


@dataclass(frozen=True, slots=True)
class Case:
    """A thread that is open: who wrote it, and the epoch second of that."""

    subject: str
    person: Person
    since: float


class Notes:
    """Reads the notes on those who wrote what is open, and writes ours. `on`: they are told."""

    def __init__(self, session: Session, now: Callable[[], datetime], *, on: bool) -> None:
        self._session = session
        self._now = now
        self._on = on
        self._asked: dict[Person, datetime] = {}
        self._asked_at: datetime | None = None
        self._gone: set[Person] = set()

    def due(self, now: datetime) -> bool:
        """Whether a request of the round goes to them: every five minutes, of up to a hundred
        people at once."""
        if not self._on or not self._asked or self._session.renews:
            return False
        rests = self._asked_at is not None and abs(now - self._asked_at) < _PAUSE
        return not rests and abs(now - min(self._asked.values())) >= _EVERY

    async def read(
        self, cases: Iterable[Case], noted: dict[str, str], *, due: bool
    ) -> tuple[Remark, ...]:
        """Return what was noted on `cases` since `noted`, their last notes, which is brought
        forward. Whoever is new is asked for at once."""
        if not self._on:
            return ()
        open_ = {one.subject: one for one in cases if one.person[1] not in ("", DELETED)}
        people = {one.person for one in open_.values()}
        self._asked = {one: at for one, at in self._asked.items() if one in people}
        wanted = sorted(people - self._asked.keys() - self._gone)
        if due:
            wanted += sorted(self._asked, key=lambda one: self._asked[one])[:_PAIRS]
        last: dict[Person, ModNote | None] = {}
        try:
            for start in range(0, len(wanted), _PAIRS):
                last |= await self._latest(wanted[start : start + _PAIRS])
            return await self._told(last, open_, noted)
        except RejectedByServer as error:
            if error.status != 403:
                raise
            # `identity` says what is missing.
            self._on = False
            return ()

    async def _latest(self, people: list[Person]) -> dict[Person, ModNote | None]:
        """Return the last note on each, None where there is none."""
        params: dict[str, str | int] = {
            "subreddits": ",".join(one[0] for one in people),
            "users": ",".join(one[1] for one in people),
        }
        self._asked_at = self._now()
        try:
            raws = _raws(await self._session.get(f"{API}/recent", params))
        except RejectedByServer as error:
            if error.status not in (400, 404):
                raise
            # Somebody among them is gone, and nothing is told of the others then.
            if len(people) == 1:
                self._gone |= set(people)
                return {}
            half = len(people) // 2
            return await self._latest(people[:half]) | await self._latest(people[half:])
        self._asked |= dict.fromkeys(people, self._asked_at)
        # The answer has them in the order of the question.
        notes = [convert_each([raw], ModNote, "mod notes")[0] for raw in raws]
        return {one: n[0] if n else None for one, n in zip(people, notes, strict=False)}

    async def _told(
        self, last: dict[Person, ModNote | None], open_: dict[str, Case], noted: dict[str, str]
    ) -> tuple[Remark, ...]:
        remarks: list[Remark] = []
        asked = 0
        for person, newest in last.items():
            if newest is None:
                continue
            theirs = [one for one in open_.values() if one.person == person]
            news = [one for one in theirs if noted.get(one.subject) != newest.id]
            if any(newest.is_on(one) for one in news):
                if asked == _MOST_PEOPLE:
                    # The next round asks for them as for somebody new.
                    del self._asked[person]
                    continue
                asked += 1
                notes = await self.all_of(person)
                remarks += [self._remark(n, one) for one in news for n in notes if n.is_on(one)]
            noted |= {one.subject: newest.id for one in news}
        return tuple(remarks)

    async def all_of(self, person: Person) -> tuple[ModNote, ...]:
        """Return the last hundred notes on somebody, the newest first."""
        params: dict[str, str | int] = {"subreddit": person[0], "user": person[1]}
        params |= {"filter": "NOTE", "limit": _PAGE}
        return convert_each(_raws(await self._session.get(API, params)), ModNote, "mod notes")[0]

    async def write(self, ref: ThreadRef, text: str, label: str = "", who: str = "") -> Receipt:
        """Leave a note on who wrote the thread, or on `who`. Raises the port's errors."""
        user = who or ref.author
        if not user or user == DELETED:
            raise Rejected("the author deleted their account: nothing can be noted of them")
        if len(text) > LONGEST_NOTE:
            told = f"the mod note has {len(text)} characters"
            raise Rejected(f"{told}: Reddit takes {LONGEST_NOTE} at most")
        form = {"subreddit": ref.channel, "user": user, "note": text}
        if label:
            form["label"] = label
        if modmail.id_of(ref.subject) is None and user == ref.author:
            form["reddit_id"] = ref.subject
        body = await self._session.post(API, form)
        made = body.get("created") if isinstance(body, dict) else None
        good, _ = convert_each([made], ModNote, "mod note")
        if not good or not good[0].id.isprintable():
            raise Unknown("Reddit took the mod note and did not name it")
        return Receipt(good[0].id, self._at(good[0]))

    async def find(
        self, ref: ThreadRef, text: str, me: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look for a note of ours."""
        try:
            notes = await self.all_of((ref.channel, ref.author))
        except RejectedByServer as error:
            if error.status != 403:
                raise
            return CannotTell("the token lacks the scope modnote to find our notes")
        for note in notes:
            ours = (note.operator or "").lower() == me.lower() and note.id not in taken
            if ours and self._at(note) >= since - _SKEW and says(note.text, text):
                return Found(Receipt(note.id, self._at(note)))
        return Absent(strong=False)

    def _remark(self, note: ModNote, case: Case) -> Remark:
        label = (note.user_note_data.label if note.user_note_data else None) or ""
        text = f"{label.replace('_', ' ').lower()}: {note.text}" if label else note.text
        by = clean_line(f"u/{note.operator}" if note.operator else "somebody", limit=60)
        return Remark(case.subject, note.id, by, clean(text).text, self._at(note))

    def _at(self, note: ModNote) -> datetime:
        return moment(int(note.created_at * 1000), self._now())


def _raws(body: Any) -> list[Any]:
    raws = body.get("mod_notes") if isinstance(body, dict) else None
    if not isinstance(raws, list):
        raise Rejected("Reddit gave no mod notes that can be read")
    return raws
