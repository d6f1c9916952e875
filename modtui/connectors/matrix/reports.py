"""Reports, by Synapse's admin API: read to the real end, grouped by what they are about.

Synapse keeps no state on a report: it is there until it is deleted. So the full list is the
set of open flags, and deleting one is its dismissal.
Source: Synapse admin API, event_reports and user_reports (1.163).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors import Batch, Broken, Rejected
from modtui.connectors.http import Http, RejectedByServer, segment
from modtui.connectors.matrix.events import Reader, WireEvent, read_event
from modtui.connectors.matrix.rooms import ADMIN, Rooms
from modtui.connectors.reading import broken, moment, named_in, subjects_of, title_of
from modtui.domain.model import Channel, Flag, Post, Thread
from modtui.domain.text import clean_line, literal

PAGE = 100
MOST_PAGES = 1000
USER = "user:"
PEOPLE = "people"
_PEOPLE_EVERY = 3
_FOLLOWED = 7 * 24 * 3600
_MOST_LEFT = 500
ASK_ADMIN = (
    "Please make {user} a server admin of Synapse: modtui needs it to list and close reports."
    ' PUT /_synapse/admin/v2/users/{user} with {{"admin": true}}'
)
NOT_ADMIN = (
    "this account is not a Synapse server admin: reports cannot be listed;"
    " ask whoever runs the server to make it one"
)


class Report(msgspec.Struct):
    """A row of event_reports, or (with `target_user_id`) of user_reports."""

    id: int
    received_ts: int = 0
    user_id: str | None = None
    reason: str | None = None
    event_id: str | None = None
    room_id: str | None = None
    sender: str | None = None
    canonical_alias: str | None = None
    name: str | None = None
    target_user_id: str | None = None

    @property
    def key(self) -> str:
        """The flag's id, as Dismiss names it."""
        return f"{USER}{self.id}" if self.target_user_id else str(self.id)

    @property
    def subject(self) -> str:
        """What was reported: an event id or a user id."""
        return self.target_user_id or self.event_id or ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows of one list. `whole`: read to the end while nothing moved; what of it could not be
    read is in `broken`."""

    reports: tuple[Report, ...]
    broken: tuple[Broken, ...]
    whole: bool


@dataclass(slots=True)
class Ledger:
    """What is known of open reports, kept in the cursor.

    `seen` are flag keys whose thread was told; `roots` maps a subject to the thread it is in
    where that is not itself; `open` are the subjects with an open report; `left` are those
    whose reports are gone, with the epoch second: an author may still answer there.
    """

    seen: set[str] = field(default_factory=set)
    roots: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    left: dict[str, int] = field(default_factory=dict)

    def follows(self, subject: str) -> bool:
        """Whether posts in the conversation of `subject` are ours to tell."""
        return subject in self.open or subject in self.left

    def followed(self) -> tuple[str, ...]:
        """Return every followed subject."""
        return (*self.open, *self.left)

    def conversation(self, subject: str) -> str:
        """Return the event that starts the conversation of `subject`."""
        return self.roots.get(subject, subject)


class Reports:
    """Polls the lists and turns what is new into a batch."""

    def __init__(self, http: Http, rooms: Rooms, now: Callable[[], datetime]) -> None:
        self._http = http
        self._rooms = rooms
        self._now = now
        self._persons = Listing((), (), False)
        self._polls = 0

    async def poll(self, ledger: Ledger, only: frozenset[str]) -> Batch:
        """Return new reports as threads, posts and flags, and every open flag.

        `only` limits what is told to these rooms; empty means all of them. The batch has no
        cursor yet. Raises Rejected when the account may not list reports.
        """
        try:
            events = await self._listing("event_reports")
        except RejectedByServer as error:
            raise Rejected(NOT_ADMIN if error.status == 403 else str(error)) from error
        people = await self._people()
        reports = (*events.reports, *people.reports)
        fresh = [r for r in reports if not _told(r, ledger) and _wanted(r, only)]
        parts = _Parts(broken=[*events.broken, *people.broken])
        server = (await self._rooms.me()).server
        reader = Reader(server, self._now())
        for subject, group in _grouped(fresh):
            await self._enter(subject, group, parts, reader, ledger)
        whole, unread = events.whole and people.whole, (*events.broken, *self._persons.broken)
        if whole:
            _forget(ledger, reports, subjects_of(unread), int(self._now().timestamp()))
        return Batch(
            cursor="",
            channels=tuple(parts.channels.values()),
            threads=tuple(parts.threads),
            posts=tuple(parts.posts),
            flags=tuple(parts.flags),
            open_now=frozenset((r.subject, r.key) for r in reports) if whole else None,
            unread=unread,
            broken=tuple(parts.broken),
        )

    async def _people(self) -> Listing:
        """Return the reports on people, which are rare: read at every third poll."""
        if self._polls % _PEOPLE_EVERY:
            self._polls += 1
            return replace(self._persons, broken=())
        try:
            self._persons = await self._listing("user_reports")
        except RejectedByServer as error:
            if error.status not in (400, 404, 405):
                raise
            # Servers before 1.146 do not list reports on people.
            self._persons = Listing((), (), True)
        self._polls += 1
        return self._persons

    async def _listing(self, name: str) -> Listing:
        rows: dict[int, Report] = {}
        bad: list[Broken] = []
        start, read = 0, 0
        totals: set[str] = set()
        for _ in range(MOST_PAGES):
            params: dict[str, str | int] = {"dir": "f", "limit": PAGE, "from": start}
            page = await self._http.get(f"{ADMIN}/{name}", params)
            items = page.get(name) if isinstance(page, dict) else None
            if not isinstance(items, list):
                raise Rejected(f"{self._http.origin} gave no list of {name}: is it a Synapse?")
            totals.add(str(page.get("total")))
            for raw in items:
                self._row(name, raw, rows, bad)
            read += len(items)
            following = page.get("next_token")
            if isinstance(following, str) and following.isascii() and following.isdecimal():
                following = int(following)
            if not items or not isinstance(following, int) or following <= start:
                break
            start = following
        else:
            return Listing(tuple(rows.values()), tuple(bad), False)
        # Paging by offset slips when a row is deleted meanwhile: then the list proves nothing.
        whole = read == len(rows) + len(bad) and totals == {str(read)}
        return Listing(tuple(rows.values()), tuple(bad), whole)

    @staticmethod
    def _row(name: str, raw: Any, rows: dict[int, Report], bad: list[Broken]) -> None:
        try:
            report = msgspec.convert(raw, Report)
        except msgspec.ValidationError as error:
            bad.append(broken(name, str(error), raw, _subject_of(name, raw)))
            return
        if report.subject and (report.target_user_id or report.room_id):
            rows[report.id] = report
        else:
            why = "names nothing that was reported"
            bad.append(broken(name, why, raw, _subject_of(name, raw)))

    async def _enter(
        self, subject: str, group: list[Report], parts: _Parts, reader: Reader, ledger: Ledger
    ) -> None:
        first = group[0]
        if first.target_user_id:
            parts.person(first, reader)
        elif subject not in ledger.open:
            raw = await self._event_of(first)
            try:
                event = read_event(raw, subject)
            except msgspec.ValidationError as error:
                parts.broken.append(broken(f"event {subject}", str(error), raw))
                # Not seen yet: the next poll may be able to read it.
                return
            await self._know(first)
            post = parts.event(event, first, self._rooms, reader)
            if (root := event.thread_root or event.answers) is not None:
                ledger.roots[subject] = root
            parts.threads.append(_thread(event, first, post, ledger.conversation(subject)))
            room_id = first.room_id or ""
            parts.channels[room_id] = self._rooms.channel(room_id, reader.server)
        for report in group:
            parts.flags.append(_flag(report, reader))
            ledger.seen.add(report.key)
        ledger.open.add(subject)

    async def _know(self, report: Report) -> None:
        room_id = report.room_id or ""
        await self._rooms.get(room_id)
        self._rooms.name(room_id, report.canonical_alias or "", report.name or "")

    async def _event_of(self, report: Report) -> Any:
        """Return the reported event as the report archived it, also after its redaction."""
        try:
            detail = await self._http.get(f"{ADMIN}/event_reports/{segment(str(report.id))}")
        except RejectedByServer as error:
            if error.status != 404:
                raise
            detail = None
        found = detail.get("event_json") if isinstance(detail, dict) else None
        if found is not None:
            return found
        return {
            "sender": report.sender or "@unknown",
            "type": "m.room.message",
            "origin_server_ts": report.received_ts,
            "content": {"body": "[the server no longer has this event]"},
        }


@dataclass(slots=True)
class _Parts:
    """A batch in the making."""

    channels: dict[str, Channel] = field(default_factory=dict)
    threads: list[Thread] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    def event(self, event: WireEvent, report: Report, rooms: Rooms, reader: Reader) -> Post:
        role = rooms.role(report.room_id or "", event.sender)
        post = reader.post(event, event.event_id, role)
        self.posts.append(post)
        return post

    def person(self, report: Report, reader: Reader) -> None:
        self.channels[PEOPLE] = Channel(PEOPLE, literal("people"))
        author = reader.author(report.subject)
        self.threads.append(
            Thread(
                subject=report.subject,
                channel=PEOPLE,
                title=clean_line(f"{author.name} (report on the person)"),
                author=author,
                created_at=moment(report.received_ts, reader.now),
                url=f"https://matrix.to/#/{segment(report.subject)}",
            )
        )


def _subject_of(name: str, raw: Any) -> str:
    person = name == "user_reports"
    found = named_in(raw, "target_user_id" if person else "event_id")
    return found if found.startswith("@" if person else "$") else ""


def _told(report: Report, ledger: Ledger) -> bool:
    """Whether the report was told, and on the subject that it names now."""
    return report.key in ledger.seen and report.subject in ledger.open


def _wanted(report: Report, only: frozenset[str]) -> bool:
    return not only or report.room_id is None or report.room_id in only


def _grouped(reports: Iterable[Report]) -> Iterable[tuple[str, list[Report]]]:
    groups: dict[str, list[Report]] = {}
    for report in reports:
        groups.setdefault(report.subject, []).append(report)
    return groups.items()


def _thread(event: WireEvent, report: Report, post: Post, conversation: str) -> Thread:
    room_id = report.room_id or ""
    return Thread(
        subject=event.event_id,
        channel=room_id,
        title=title_of(post),
        author=post.author,
        created_at=post.created_at,
        url=f"https://matrix.to/#/{segment(room_id)}/{segment(event.event_id)}",
        conversation=conversation,
    )


def _flag(report: Report, reader: Reader) -> Flag:
    said = clean_line(report.reason or "")
    reason = clean_line(said, limit=60)
    return Flag(
        thread=report.subject,
        reason=str(reason) or "reported",
        at=moment(report.received_ts, reader.now),
        remote_id=report.key,
        post=report.event_id,
        by=reader.author(report.user_id).name if report.user_id else None,
        note=said if said != reason else clean_line(""),
    )


def _forget(ledger: Ledger, reports: Iterable[Report], unread: frozenset[str], now: int) -> None:
    """Drop from the ledger what is over, so that it does not grow for ever. What is reported and
    could not be read, `unread`, is not."""
    reports = tuple(reports)
    ledger.seen &= {report.key for report in reports}
    still = {report.subject for report in reports} | unread & ledger.open
    left = {**ledger.left, **dict.fromkeys(sorted(ledger.open - still), now)}
    recent = [(s, at) for s, at in left.items() if s not in still and now - at < _FOLLOWED]
    ledger.open &= still
    ledger.left = dict(recent[-_MOST_LEFT:])
    ledger.roots = {s: root for s, root in ledger.roots.items() if ledger.follows(s)}
