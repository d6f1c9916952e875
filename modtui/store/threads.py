"""Threads, their events, and which of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from modtui.domain.model import (
    Author,
    ClockKind,
    Event,
    EventKind,
    Severity,
    Standing,
    State,
    Thread,
    ThreadRecord,
)
from modtui.store.rows import (
    Row,
    chunks,
    cleaned,
    listed_detail,
    listed_words,
    marks,
    moment,
    moment_or_none,
    stamp,
    stamp_or_none,
    unlisted,
)
from modtui.store.session import Session

SEVERITIES = tuple(Severity)
_CLOCKS = {clock.value: clock for clock in ClockKind}
STATES = {state.value: state for state in State}

_NOW_LANE = -1 << 61
_NOT_DUE = 1 << 61
_NEVER = 1 << 62
ASIDE = 3 << 61
"""Where the places of what was put aside begin: after every other."""

_KEPT = ("realm", "subject")
_REPLACED = (
    "account", "channel", "title", "author_id", "author_name", "author_standing", "created_at",
    "url", "conversation", "said_language", "said_severity", "tags", "held", "locked", "holder",
    "state", "revision", "first_flag_at", "severity", "flag_count", "reasons", "language",
    "help_route",
    "snoozed_until", "resolved_at", "resolved_by", "team", "pending", "unknown", "clock",
    "due_at", "soon_at", "resumes_at", "breached_at", "policy", "inherited", "now_at",
    "now_due_at", "now_reason", "backlog",
)  # fmt: skip
_LATER = ("revision", "snoozed_until", "resolved_at", "resolved_by", "team", "pending", "unknown")
_TOLD = (*(name for name in _REPLACED if name not in _LATER), "place", "haystack")

_SELECT = f"SELECT id, realm, account, subject, {', '.join(_REPLACED[1:])} FROM thread "
EVENT_COLUMNS = ("thread", "kind", "at", "actor", "detail")
THREAD_COLUMNS = (*_KEPT, *_TOLD, "seq", *_LATER)
_INSERT = f"INSERT INTO thread ({', '.join(THREAD_COLUMNS)}) VALUES ({marks(len(THREAD_COLUMNS))})"
_HAPPENED = f"INSERT INTO event ({', '.join(EVENT_COLUMNS)}) VALUES (?, ?, ?, ?, ?)"
_UPDATE = (
    f"UPDATE thread SET {', '.join(f'{name} = ?' for name in (*_TOLD, 'seq', *_LATER))}"
    " WHERE id = ?"
)


def place(record: ThreadRecord) -> int:
    """Where a thread stands in the queue: first the NOW lane (below 0), then by due_at, then by
    resumes_at, then the others, and last what was put aside."""
    standing = record.standing
    if record.now_at is not None:
        return _NOW_LANE + stamp(record.now_at)
    if record.backlog:
        return ASIDE + stamp(record.first_flag_at)
    if standing.due_at is not None:
        return stamp(standing.due_at)
    if standing.resumes_at is not None:
        return _NOT_DUE + stamp(standing.resumes_at)
    return _NEVER


def standing_from(row: Row) -> Standing:
    """From clock, due_at, soon_at, resumes_at, breached_at, policy, inherited."""
    clock, due, soon, resumes, breached, policy, inherited = row
    return Standing(
        _CLOCKS[clock] if clock else None,
        moment_or_none(due),
        moment_or_none(soon),
        moment_or_none(resumes),
        moment_or_none(breached),
        policy,
        bool(inherited),
    )


def event_values(thread_id: int, event: Event) -> tuple[object, ...]:
    """Return an event as `EVENT_COLUMNS` say, of plain types."""
    detail = listed_detail(event.detail)
    return thread_id, str(event.kind), stamp(event.at), str(event.actor), detail


def thread_values(record: ThreadRecord, seq: int) -> tuple[object, ...]:
    """Return a thread as `THREAD_COLUMNS` say, of plain types."""
    return record.realm, record.thread.subject, *_told(record), seq, *_later(record)


def haystack(thread: Thread) -> str:
    """Return what a thread is searched in, but for its posts."""
    return "\n".join((thread.title, thread.author.name, thread.subject)).casefold()


def _told(record: ThreadRecord) -> tuple[object, ...]:
    """Return the values of the columns of `_TOLD`, of plain types."""
    thread, author, standing = record.thread, record.thread.author, record.standing
    return (
        record.account, thread.channel, str(thread.title), author.remote_id, str(author.name),
        str(author.standing), stamp(thread.created_at), thread.url, thread.conversation,
        thread.language, thread.severity.rank, listed_words(thread.tags), int(thread.held),
        int(thread.locked), str(thread.holder), str(record.state),
        stamp(record.first_flag_at), record.severity.rank, record.flag_count,
        listed_words(record.reasons), record.language, record.help_route,
        None if standing.clock is None else str(standing.clock), stamp_or_none(standing.due_at),
        stamp_or_none(standing.soon_at), stamp_or_none(standing.resumes_at),
        stamp_or_none(standing.breached_at), standing.policy, int(standing.inherited),
        stamp_or_none(record.now_at), stamp_or_none(record.now_due_at), record.now_reason,
        int(record.backlog), place(record),
        haystack(thread),
    )  # fmt: skip


def _later(record: ThreadRecord) -> tuple[object, ...]:
    """Return the values of the columns of `_LATER`."""
    return (
        record.revision, stamp_or_none(record.snoozed_until), stamp_or_none(record.resolved_at),
        record.resolved_by, record.team, record.pending, record.unknown,
    )  # fmt: skip


def _record(row: Row) -> ThreadRecord:
    (
        state, revision, first_flag, severity, flag_count, reasons, language, help_route, snoozed,
        resolved, resolved_by, team, pending, unknown, *standing, now_at, now_due_at, now_reason,
        backlog,
    ) = row[18:]  # fmt: skip
    return ThreadRecord(
        id=row[0],
        realm=row[1],
        account=row[2],
        thread=_thread(row[3:18]),
        state=STATES[state],
        revision=revision,
        first_flag_at=moment(first_flag),
        severity=SEVERITIES[severity],
        flag_count=flag_count,
        reasons=tuple(unlisted(reasons)),
        language=language,
        help_route=help_route,
        snoozed_until=moment_or_none(snoozed),
        resolved_at=moment_or_none(resolved),
        resolved_by=resolved_by,
        team=team,
        pending=pending,
        unknown=unknown,
        now_at=moment_or_none(now_at),
        now_due_at=moment_or_none(now_due_at),
        now_reason=now_reason,
        backlog=bool(backlog),
        standing=standing_from(tuple(standing)),
    )


def _thread(row: Row) -> Thread:
    (
        subject, channel, title, author_id, author_name, author_standing, created, url,
        conversation, language, severity, tags, held, locked, holder,
    ) = row  # fmt: skip
    return Thread(
        subject=subject,
        channel=channel,
        title=cleaned(title),
        author=Author(author_id, cleaned(author_name), cleaned(author_standing)),
        created_at=moment(created),
        url=url,
        conversation=conversation,
        language=language,
        severity=SEVERITIES[severity],
        tags=tuple(cleaned(tag) for tag in unlisted(tags)),
        held=bool(held),
        locked=bool(locked),
        holder=cleaned(holder),
    )


class ThreadReads(Session):
    async def thread(self, thread_id: int) -> ThreadRecord | None:
        row = await self._one(_SELECT + "WHERE id = ?", thread_id)
        return None if row is None else _record(row)

    async def threads_by_subject(
        self, realm: str, subjects: Iterable[str]
    ) -> Mapping[str, ThreadRecord]:
        found: dict[str, ThreadRecord] = {}
        for some in chunks(subjects):
            sql = _SELECT + f"WHERE realm = ? AND subject IN ({marks(len(some))})"
            for row in await self._all(sql, realm, *some):
                record = _record(row)
                found[record.thread.subject] = record
        return found

    async def thread_by_url(self, url: str) -> ThreadRecord | None:
        row = await self._one(_SELECT + "WHERE url = ? ORDER BY id LIMIT 1", url)
        return None if row is None else _record(row)

    async def related(self, thread_id: int) -> int:
        row = await self._one(
            "SELECT count(*) FROM (SELECT 1 FROM thread AS one JOIN thread AS other"
            " ON other.realm = one.realm AND other.conversation = one.conversation"
            " WHERE one.id = ? AND one.conversation IS NOT NULL"
            " AND other.conversation IS NOT NULL"
            " AND other.id <> one.id AND other.state <> 'resolved' LIMIT 1000)",
            thread_id,
        )
        return int(row[0]) if row else 0

    async def events(self, thread_id: int) -> tuple[Event, ...]:
        rows = await self._all(
            "SELECT kind, at, actor, detail, id FROM event WHERE thread = ? ORDER BY at, id",
            thread_id,
        )
        return tuple(
            Event(
                EventKind(kind),
                moment(at),
                actor,
                tuple((name, value) for name, value in unlisted(detail)),
                number,
            )
            for kind, at, actor, detail, number in rows
        )

    async def changed_since(self, token: str | None) -> tuple[tuple[int, ...], str]:
        row = await self._one("SELECT value FROM counter WHERE name = 'seq'")
        assert row is not None
        if token is None:
            return (), str(row[0])
        rows = await self._all("SELECT id FROM thread WHERE seq > ? ORDER BY seq, id", int(token))
        return tuple(number for (number,) in rows), str(row[0])


class ThreadWrites(ThreadReads):
    async def insert_thread(self, record: ThreadRecord) -> int:
        seq = await self._stamp()
        number = await self._insert(_INSERT, *thread_values(record, seq))
        self._marked.add(number)
        return number

    async def update_thread(self, record: ThreadRecord) -> None:
        seq = await self._stamp()
        values = (*_told(record), seq, *_later(record))
        if not await self._run(_UPDATE, *values, record.id):
            raise KeyError(f"no thread {record.id}")
        self._marked.add(record.id)

    async def touch(self, thread_id: int) -> None:
        await self._mark(thread_id)

    async def add_event(self, thread_id: int, event: Event) -> None:
        await self._mark(thread_id)
        await self._run(_HAPPENED, *event_values(thread_id, event))
