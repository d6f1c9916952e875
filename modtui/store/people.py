"""An author's record, and what a moderator did last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from modtui.domain.model import Author, Event, EventKind
from modtui.domain.people import (
    FLAGS_COUNTED,
    AuthorNote,
    AuthorRecord,
    Brief,
    Namesake,
    PastSanction,
    PastThread,
)
from modtui.store.rows import Row, chunks, cleaned, listed, marks, moment, stamp, unlisted
from modtui.store.threads import STATES, ThreadWrites

if TYPE_CHECKING:
    from modtui.store.people_port import OwnBatch

# CROSS JOIN keeps SQLite from walking through every thread of the realm first.
# A flag is on its post, or on the thread's author where it names no post that is known.
_OWN_FLAGS = (
    "SELECT flag.id FROM thread JOIN flag ON flag.thread ="
    " thread.id LEFT JOIN post ON post.thread = thread.id AND post.remote_id = flag.post"
    " WHERE thread.realm = ?1 AND thread.author_id = ?2 AND thread.id <> ?3"
    " AND (post.author_id IS NULL OR post.author_id = thread.author_id) LIMIT ?4"
)
_FLAGS_HERE = "SELECT count(*) FROM (SELECT 1 FROM flag WHERE thread = ? LIMIT ?)"
_SOME_FLAGS = (
    f"SELECT count(*) FROM (SELECT * FROM ({_OWN_FLAGS})"
    " UNION SELECT * FROM (SELECT flag.id FROM post CROSS JOIN thread ON thread.id = post.thread"
    " JOIN flag ON flag.thread = post.thread AND flag.post = post.remote_id"
    " WHERE post.author_id = ?2 AND thread.realm = ?1 AND thread.id <> ?3 LIMIT ?4))"
)
_FLAGS = (
    "SELECT thread.author_id AS who, flag.id AS flag FROM thread JOIN flag ON flag.thread ="
    " thread.id LEFT JOIN post ON post.thread = thread.id AND post.remote_id = flag.post"
    " WHERE thread.realm = ? AND thread.author_id IN ({some}) AND thread.id <> ?"
    " AND (post.author_id IS NULL OR post.author_id = thread.author_id)"
    " UNION SELECT post.author_id, flag.id FROM post CROSS JOIN thread ON thread.id = post.thread"
    " JOIN flag ON flag.thread = post.thread AND flag.post = post.remote_id"
    " WHERE post.author_id IN ({some}) AND thread.realm = ? AND thread.id <> ?"
)
_SANCTIONS = (
    "SELECT event.thread, at, actor, detail FROM event CROSS JOIN thread"
    " ON thread.id = event.thread WHERE kind = 'sanctioned' AND thread.realm = ? AND ({some})"
    " ORDER BY at, event.id"
)
_THREADS = (
    "SELECT id, title, state, flag_count, first_flag_at,"
    " (SELECT count(*) FROM flag WHERE flag.thread = thread.id)"
    " FROM thread WHERE realm = ? AND author_id = ? ORDER BY first_flag_at DESC, id DESC LIMIT 100"
)
_OUTCOMES = (
    "SELECT thread, kind, at, actor, detail, id FROM event WHERE thread IN ({some}) AND kind IN"
    " ('hidden', 'dismissed', 'resolved', 'staff_reply', 'escalated', 'reopened', 'undone',"
    " 'staff_note') ORDER BY at, id"
)
_SAID = {
    EventKind.HIDDEN: "removed",
    EventKind.DISMISSED: "kept",
    EventKind.STAFF_REPLY: "answered",
    EventKind.ESCALATED: "escalated",
    EventKind.RESOLVED: "done",
}
_OWN_EVENTS = (
    "SELECT thread, at, detail FROM event WHERE actor = ? AND kind <> 'flagged' AND"
    " kind IN ('resolved', 'snoozed', 'escalated', 'reopened', 'staff_note', 'sensitive')"
    " ORDER BY at DESC, id DESC LIMIT ?"
)
_OWN_ROWS = (
    "SELECT batch, thread, created_at FROM delivery WHERE by = ? AND thread NOT NULL"
    " AND undoes IS NULL AND not_before IS NULL ORDER BY created_at DESC, id DESC LIMIT ?"
)
_ROWS_A_BATCH = 40
_OFTEN_SECONDS = 600.0
"""For so long it is known that an author was flagged very often; a post may change its author."""
_ASKED_FOR = 8
"""So many authors are looked for by the database; of more, every sanction is read at once."""


def _about(author: str) -> str:
    """How the detail of an event names `author`."""
    return listed((("author", author),))[1:-1]


def _event(row: Row) -> Event:
    _, kind, at, actor, detail, number = row
    pairs = tuple((name, value) for name, value in unlisted(detail))
    return Event(EventKind(kind), moment(at), actor, pairs, number)


class PeopleTables(ThreadWrites):
    async def author_briefs(
        self, realm: str, authors: Iterable[str], but: int
    ) -> Mapping[str, Brief]:
        found: dict[str, Brief] = {}
        for some in chunks(dict.fromkeys(authors)):
            for who in some:
                if flags := await self._some_flags(realm, who, but):
                    found[who] = Brief(flags=flags)
            for who, given in (await self._given(realm, some, but)).items():
                kinds = tuple((kind, len(each)) for kind, each in given.items())
                found[who] = replace(found.get(who, Brief()), sanctions=kinds)
        return found

    async def _some_flags(self, realm: str, who: str, but: int) -> int:
        """How many flags `who` has on other threads, FLAGS_COUNTED at most. Where those on their
        own threads are as many, those on posts elsewhere are not looked for; and where they are
        twice as many, none are for a while: no flag is ever taken out of the store."""
        now = self._clock.lease()
        if self._often.get((realm, who), now) > now:
            here = await self._one(_FLAGS_HERE, but, FLAGS_COUNTED + 1)
            if here and here[0] <= FLAGS_COUNTED:
                return FLAGS_COUNTED
        own = await self._one(
            f"SELECT count(*) FROM ({_OWN_FLAGS})", realm, who, but, 2 * FLAGS_COUNTED
        )
        if own and own[0] >= 2 * FLAGS_COUNTED:
            self._often[realm, who] = now + _OFTEN_SECONDS
        if own and own[0] >= FLAGS_COUNTED:
            return FLAGS_COUNTED
        row = await self._one(_SOME_FLAGS, realm, who, but, FLAGS_COUNTED)
        return min(row[0], FLAGS_COUNTED) if row else 0

    async def sanctioned_within(self, most: int) -> bool:
        row = await self._one(
            "SELECT count(*) FROM (SELECT 1 FROM event WHERE kind = 'sanctioned' LIMIT ?)", most + 1
        )
        return row is None or row[0] <= most

    async def _given(
        self, realm: str, authors: Sequence[str], but: int | None = None
    ) -> Mapping[str, Mapping[str, list[PastSanction]]]:
        """The sanctions of each author by kind, oldest first, each with how it was lifted."""
        asked = [_about(each) for each in authors] if len(authors) <= _ASKED_FOR else []
        some = " OR ".join(["instr(detail, ?) > 0"] * len(asked)) or "1"
        rows = await self._all(_SANCTIONS.format(some=some), realm, *asked)
        found: dict[str, dict[str, list[PastSanction]]] = defaultdict(lambda: defaultdict(list))
        for thread, at, actor, stored in rows:
            detail = dict(unlisted(stored))
            who, kind = str(detail.get("author")), str(detail.get("sanction"))
            if who not in authors or thread == but:
                continue
            lifted = found[who].get(kind.removeprefix("un")) if kind.startswith("un") else None
            if lifted:
                lifted[-1] = replace(
                    lifted[-1], lifted_at=moment(at), lifted_by=actor, undone="undoes" in detail
                )
            elif not kind.startswith("un"):
                reason = str(detail.get("rule") or detail.get("reason") or "")
                seconds = detail.get("seconds")
                found[who][kind].append(
                    PastSanction(thread, kind, moment(at), seconds, actor, reason)
                )
        return {who: given for who, given in found.items() if given}

    async def prior_sanctions(self, realm: str, author_id: str) -> int:
        given = (await self._given(realm, [author_id])).get(author_id, {})
        return sum(not each.undone for some in given.values() for each in some)

    async def is_in_need(self, realm: str, author_id: str) -> bool:
        found = await self._one(
            "SELECT 1 FROM thread WHERE realm = ? AND author_id = ? AND state <> 'resolved'"
            " AND (help_route IS NOT NULL OR now_at IS NOT NULL) LIMIT 1",
            realm,
            author_id,
        )
        return found is not None

    async def pending_threads(self, realm: str, author_id: str) -> tuple[int, ...]:
        rows = await self._all(
            "SELECT id FROM thread WHERE realm = ? AND author_id = ? AND pending > 0 ORDER BY id",
            realm,
            author_id,
        )
        return tuple(number for (number,) in rows)

    async def author_record(self, realm: str, author_id: str) -> AuthorRecord | None:
        posts = await self._one(
            "SELECT count(*), min(post.created_at) FROM post CROSS JOIN thread"
            " ON thread.id = post.thread WHERE post.author_id = ? AND thread.realm = ?",
            author_id,
            realm,
        )
        author, began = await self._author(realm, author_id)
        if author is None or posts is None:
            return None
        first = min((each for each in (posts[1], began) if each is not None), default=None)
        flags = _FLAGS.format(some="?")
        count = await self._one(
            f"SELECT count(*) FROM ({flags})", realm, author_id, -1, author_id, realm, -1
        )
        given = (await self._given(realm, [author_id])).get(author_id, {})
        sanctions = sorted((s for each in given.values() for s in each), key=lambda s: s.at)
        threads, notes = await self._threads(realm, author_id)
        notes += await self._notes(realm, author_id)
        return AuthorRecord(
            realm=realm,
            author=author,
            first_seen_at=None if first is None else moment(first),
            posts=posts[0],
            flags=count[0] if count else 0,
            threads=threads,
            sanctions=tuple(reversed(sanctions)),
            notes=tuple(sorted(notes, key=lambda note: note.at, reverse=True)),
            namesakes=await self._namesakes(realm, author.name),
        )

    async def _author(self, realm: str, author_id: str) -> tuple[Author | None, int | None]:
        row = await self._one(
            "SELECT author_name, author_standing, created_at FROM (SELECT author_name,"
            " author_standing, created_at FROM thread WHERE realm = ? AND author_id = ?"
            " UNION ALL SELECT post.author_name, post.author_standing, post.created_at FROM post"
            " CROSS JOIN thread ON thread.id = post.thread WHERE post.author_id = ? AND realm = ?)"
            " ORDER BY created_at DESC LIMIT 1",
            *(realm, author_id, author_id, realm),
        )
        oldest = await self._one(
            "SELECT min(created_at) FROM thread WHERE realm = ? AND author_id = ?",
            realm,
            author_id,
        )
        began = oldest[0] if oldest else None
        if row is None:
            return None, began
        return Author(author_id, cleaned(row[0]), cleaned(row[1])), began

    async def _threads(
        self, realm: str, author_id: str
    ) -> tuple[tuple[PastThread, ...], list[AuthorNote]]:
        """Their flagged threads, newest first, and what the team noted in them."""
        rows = await self._all(_THREADS, realm, author_id)
        sql = _OUTCOMES.format(some=marks(len(rows)))
        last: dict[int, Event] = {}
        notes: list[AuthorNote] = []
        for row in await self._all(sql, *(each[0] for each in rows)):
            event = _event(row)
            if event.kind is EventKind.STAFF_NOTE:
                text = cleaned(str(event.get("text") or ""))
                notes.append(AuthorNote(event.actor, event.at, text, row[0]))
            elif event.kind in (EventKind.REOPENED, EventKind.UNDONE):
                last.pop(row[0], None)
            else:
                last[row[0]] = event
        return tuple(_past(row, last.get(row[0])) for row in rows), notes

    async def _notes(self, realm: str, author_id: str) -> list[AuthorNote]:
        rows = await self._all(
            "SELECT by, at, text, thread FROM author_note WHERE realm = ? AND author_id = ?",
            realm,
            author_id,
        )
        return [AuthorNote(by, moment(at), cleaned(text), to) for by, at, text, to in rows]

    async def _namesakes(self, realm: str, name: str) -> tuple[Namesake, ...]:
        rows = await self._all(
            "SELECT realm, min(account), count(*), max(first_flag_at), (SELECT count(*) FROM event"
            " JOIN thread AS there ON there.id = event.thread WHERE event.kind = 'sanctioned'"
            " AND there.author_name = thread.author_name AND there.realm = thread.realm"
            ' AND instr(event.detail, \'["sanction", "un\') = 0)'
            " FROM thread WHERE author_name = ? AND realm <> ? GROUP BY realm ORDER BY 4 DESC",
            name,
            realm,
        )
        return tuple(
            Namesake(where, account, threads, sanctions, moment(last))
            for where, account, threads, last, sanctions in rows
        )

    async def add_author_note(self, realm: str, author_id: str, note: AuthorNote) -> None:
        await self._run(
            "INSERT INTO author_note (realm, author_id, thread, by, at, text)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            *(realm, author_id, note.thread, note.by, stamp(note.at), note.text),
        )

    async def own_batches(self, by: str, limit: int) -> Sequence[OwnBatch]:
        from modtui.store.people_port import OwnBatch

        rows = await self._all(_OWN_ROWS, by, limit * _ROWS_A_BATCH)
        found = [OwnBatch(batch, thread, moment(at)) for batch, thread, at in rows]
        for thread, at, stored in await self._all(_OWN_EVENTS, by, limit * _ROWS_A_BATCH):
            detail = dict(unlisted(stored))
            if detail.get("delivery") is None and detail.get("batch") is not None:
                found.append(OwnBatch(str(detail["batch"]), thread, moment(at)))
        newest = sorted(found, key=lambda each: each.at, reverse=True)
        first: dict[str, OwnBatch] = {}
        for each in newest:
            first.setdefault(each.batch, each)
        return list(first.values())[:limit]

    async def batch_events(self, thread: int, batch: str) -> tuple[Event, ...]:
        events = await self.events(thread)
        return tuple(e for e in events if e.get("batch") == batch and e.get("delivery") is None)


def _past(row: Row, last: Event | None) -> PastThread:
    number, title, state, _, flagged, flags = row
    said = str(last.get("outcome") or "") if last is not None else ""
    outcome = said or (_SAID[last.kind] if last is not None else "")
    by = last.actor if last is not None else ""
    return PastThread(number, cleaned(title), STATES[state], flags, moment(flagged), outcome, by)
