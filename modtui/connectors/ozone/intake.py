"""Reading what is reported: subjects by their status, their reports by the events themselves.

A status is there at once, and its report events say when somebody reported. Ozone makes reports of
them a minute later, under a time of its own; from those it is only taken who works on what.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from modtui.connectors import Broken, Rejected
from modtui.connectors.http import RejectedByServer
from modtui.connectors.ozone.facts import (
    DEFS,
    ESCALATED,
    OPEN,
    RECORD,
    REPO,
    Comment,
    Event,
    Record,
    Repo,
    Report,
    Reported,
    Status,
)
from modtui.connectors.ozone.session import Params, Session, is_unknown
from modtui.connectors.reading import convert_each, iso_moment, named_in, raw_json

T = TypeVar("T")

_WHOLE = timedelta(minutes=5)
_PAGE = 100
_MOST_PAGES = 2000
_AT_ONCE = 50
_MOST_COMMENTS = 50
_ROUTED = timedelta(minutes=10)
"""After which Ozone's router has put a report into its queue: it runs every minute."""
_REPORT = f"{DEFS}modEventReport"
_ENDS = tuple(f"{DEFS}modEvent{one}" for one in ("Acknowledge", "Takedown", "ReverseTakedown"))
STANDING = ("open", "queued", "assigned", "escalated")
"""The states of a report that is not closed."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is open. `whole`: read to the end; what of it could not be read is in `broken`.
    `holders` maps a subject to who works on it, None where that was not read; `queues` to the name
    of its queue, as far as that was read."""

    statuses: tuple[Status, ...] = ()
    broken: tuple[Broken, ...] = ()
    whole: bool = False
    holders: Mapping[str, tuple[str, str]] | None = None
    queues: Mapping[str, str] = field(default_factory=dict)


_FOR_GOOD = timedelta(days=100 * 365)
"""Ozone mutes for good until the year 3000."""


@dataclass(slots=True)
class _Pages:
    """What the pages of a list told."""

    items: list[Any] = field(default_factory=list)
    whole: bool = False
    count: int = 0


class Intake:
    """Reads for one account. `has_reports`: whether the server knows reports; None: not known."""

    def __init__(self, session: Session, now: Callable[[], datetime]) -> None:
        self._session = session
        self._now = now
        self._whole_at: datetime | None = None
        self._pages = 1
        self.has_reports: bool | None = None

    def begin(self) -> None:
        """Let the next read be a whole one."""
        self._whole_at = None

    async def read(self) -> Listing:
        """Return what is open, the last reported first: all of it every five minutes where it
        fills more than a page, and the newest page in between."""
        due = self._due() or self._pages <= 1
        statuses: dict[str, Status] = {}
        broken: tuple[Broken, ...] = ()
        whole, pages = due, 1
        for state in (OPEN, ESCALATED):
            params: dict[str, str | int] = {
                "reviewState": state, "sortField": "lastReportedAt", "sortDirection": "desc",
                "includeMuted": "false",
            }  # fmt: skip
            read = await self._list(
                "tools.ozone.moderation.queryStatuses", "subjectStatuses", params, all_of_it=due
            )
            good, bad = convert_each(read.items, Status, "subjectStatuses", _subject_of)
            statuses |= {one.subject.name: one for one in good}
            broken += bad
            whole, pages = whole and read.whole, max(pages, read.count)
        found = tuple(statuses.values())
        routed = self._whole_at is None or any(map(self._is_new, found))
        if due:
            self._pages, self._whole_at = pages, self._now()
        holders, queues = await self._work(routed=routed) if due else (None, {})
        return Listing(found, broken, whole, holders, queues)

    def _is_new(self, status: Status) -> bool:
        """Whether the router may not have come to its last report yet."""
        now, at = self._now(), status.last_reported_at
        return at is not None and now - iso_moment(at, now) < _ROUTED

    def _due(self) -> bool:
        if self._whole_at is None:
            return True
        return not timedelta() <= self._now() - self._whole_at < _WHOLE

    async def _list(
        self, method: str, name: str, params: Mapping[str, str | int], *, all_of_it: bool
    ) -> _Pages:
        read, cursor, seen = _Pages(), "", set()
        for _ in range(_MOST_PAGES if all_of_it else 1):
            more = {"cursor": cursor} if cursor else {}
            body = await self._session.ask(method, {**params, "limit": _PAGE, **more})
            items = body.get(name) if isinstance(body, dict) else None
            if not isinstance(items, list):
                raise Rejected(f"the labeler gave no list of {name}: is it an Ozone?")
            read.items += items
            read.count += bool(items)
            told = body.get("cursor")
            if not items or not isinstance(told, str) or not told:
                read.whole = True
                return read
            if told in seen:
                # A list that leads back to itself has no end that could be believed.
                return read
            seen.add(told)
            cursor = told
        return read

    async def _work(
        self, *, routed: bool
    ) -> tuple[Mapping[str, tuple[str, str]] | None, Mapping[str, str]]:
        """Return by subject the DID and the handle of who is assigned to its reports, and the queue
        they are in; where `routed`, also of those that nobody is assigned to."""
        found: dict[str, tuple[str, str]] = {}
        queues: dict[str, str] = {}
        for status in ("assigned", "escalated", *(("queued",) if routed else ())):
            reports = await self.reports(status)
            if reports is None:
                return None, {}
            for report in reports:
                name, one = report.subject.subject, report.assignment
                if one is not None:
                    profile = one.moderator.profile if one.moderator else None
                    found.setdefault(name, (one.did, profile.handle if profile else ""))
                if report.queue is not None and report.queue.name:
                    queues.setdefault(name, report.queue.name)
        return found, queues

    async def comments(self, since: str, after: int) -> tuple[Comment, ...]:
        """Return what moderators noted on subjects, oldest first: since a time, in which those to
        the number `after` were told."""
        params: dict[str, str | int | Sequence[str]] = {
            "types": (f"{DEFS}modEventComment",), "createdAfter": since, "sortDirection": "asc",
            "hasComment": "true", "limit": _PAGE,
        }  # fmt: skip
        found: list[Comment] = []
        for _ in range(_MOST_COMMENTS):
            body = await self._session.ask("tools.ozone.moderation.queryEvents", params)
            raw = body.get("events") if isinstance(body, dict) else None
            good = convert_each(raw if isinstance(raw, list) else [], Comment, "comments")[0]
            found += [one for one in good if one.id > after]
            cursor = body.get("cursor") if isinstance(body, dict) else None
            if not raw or not isinstance(cursor, str) or params.get("cursor") == cursor:
                break
            params["cursor"] = cursor
        return tuple(found)

    async def reports(self, status: str, subject: str = "") -> tuple[Report, ...] | None:
        """Return the reports of that status, all or those on `subject`; None where the server
        knows none."""
        if self.has_reports is False:
            return None
        params: dict[str, str | int] = {"status": status}
        if subject:
            params["subject"] = subject
        try:
            read = await self._list(
                "tools.ozone.report.queryReports", "reports", params, all_of_it=True
            )
        except RejectedByServer as error:
            if not is_unknown(error):
                raise
            self.has_reports = False
            return None
        self.has_reports = True
        return convert_each(read.items, Report, "reports")[0]

    async def open_reports(self, subject: str) -> tuple[Report, ...]:
        """Return the reports on a subject that are not closed."""
        found: list[Report] = []
        for status in STANDING:
            found += await self.reports(status, subject) or ()
        return tuple(found)

    async def events(self, subject: str, known: Collection[str]) -> tuple[tuple[Event, ...], bool]:
        """Return the reports on a subject since it was last decided on, oldest first; those after
        the first of `known`, where they reach so far; and whether what came could be read."""
        params: dict[str, str | int | Sequence[str]] = {
            "subject": subject, "types": (_REPORT, *_ENDS), "sortDirection": "desc", "limit": _PAGE,
        }  # fmt: skip
        found: list[Event] = []
        readable = True
        for _ in range(_MOST_PAGES):
            body = await self._session.ask("tools.ozone.moderation.queryEvents", params)
            raw = body.get("events") if isinstance(body, dict) else None
            events, bad = convert_each(raw if isinstance(raw, list) else [], Event, "events")
            readable = readable and isinstance(raw, list) and not (bad and not events)
            for event in events:
                if event.event.kind in _ENDS:
                    return tuple(reversed(found)), readable
                found.append(event)
            cursor = body.get("cursor") if isinstance(body, dict) else None
            done = any(str(event.id) in known for event in events)
            if done or not events or not isinstance(cursor, str) or params.get("cursor") == cursor:
                break
            params["cursor"] = cursor
        return tuple(reversed(found)), readable

    async def last(self, subject: str, *kinds: str) -> Event | None:
        """Return what of these kinds happened last to a subject; None where nothing did."""
        params: Params = {
            "subject": subject, "types": tuple(f"{DEFS}modEvent{kind}" for kind in kinds),
            "sortDirection": "desc", "limit": 1,
        }  # fmt: skip
        body = await self._session.ask("tools.ozone.moderation.queryEvents", params)
        raw = body.get("events") if isinstance(body, dict) else None
        good = convert_each(raw if isinstance(raw, list) else [], Event, "events")[0]
        return good[0] if good else None

    async def status(self, subject: str) -> Status | None:
        """Return how a subject stands now; None where Ozone does not know it."""
        params = {"subject": subject, "includeMuted": "true"}
        body = await self._session.ask("tools.ozone.moderation.queryStatuses", params)
        raw = body.get("subjectStatuses") if isinstance(body, dict) else None
        good = convert_each(raw if isinstance(raw, list) else [], Status, "subjectStatuses")[0]
        return next((one for one in good if one.subject.name == subject), None)

    async def reporter(self, event: str) -> str:
        """Return the DID of who reported by `event`. Raises Rejected where nobody did."""
        found = None
        if event.isascii() and event.isdecimal():
            params = {"id": int(event)}
            found = await self._one("tools.ozone.moderation.getEvent", params, Reported)
        if found is None or not found.created_by.startswith("did:"):
            raise Rejected("Ozone knows no reporter of this: nobody to mute")
        return found.created_by

    async def mutes(self, did: str, seconds: int | None) -> bool:
        """Whether reports on `did` open nothing, for `seconds` from now at least or for good."""
        status = await self.status(did)
        return self._lasts(status.mute_until if status else None, seconds)

    async def mutes_reports(self, did: str, seconds: int | None) -> bool:
        """Whether what `did` reports opens nothing, for `seconds` from now at least or for good."""
        status = await self.status(did)
        return self._lasts(status.mute_reporting_until if status else None, seconds)

    def _lasts(self, told: str | None, seconds: int | None) -> bool:
        wanted = _FOR_GOOD if seconds is None else timedelta(seconds=seconds)
        try:
            until = datetime.fromisoformat(told or "")
        except ValueError:
            return False
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return until - self._now() >= wanted

    async def records(self, uris: Sequence[str]) -> Mapping[str, Record]:
        """Return the records that are still there, by their at-uri."""
        found: dict[str, Record] = {}
        for at in range(0, len(uris), _AT_ONCE):
            some = uris[at : at + _AT_ONCE]
            try:
                body = await self._session.ask("tools.ozone.moderation.getRecords", {"uris": some})
            except RejectedByServer as error:
                if not is_unknown(error):
                    raise
                for uri in some:
                    one = await self.record(uri)
                    found |= {uri: one} if one else {}
                continue
            raw = body.get("records") if isinstance(body, dict) else None
            good = convert_each(raw if isinstance(raw, list) else [], Record, "records")[0]
            found |= {record.uri: record for record in good}
        return found

    async def record(self, uri: str) -> Record | None:
        """Return a record, None where it is gone."""
        return await self._one("tools.ozone.moderation.getRecord", {"uri": uri}, Record)

    async def repo(self, did: str) -> Repo | None:
        """Return an account, None where it is gone."""
        return await self._one("tools.ozone.moderation.getRepo", {"did": did}, Repo)

    async def _one(self, method: str, params: Params, kind: type[T]) -> T | None:
        try:
            return msgspec.convert(await self._session.ask(method, params), kind)
        except RejectedByServer as error:
            if error.status not in (400, 404):
                raise
            return None
        except msgspec.ValidationError:
            return None


def _subject_of(raw: Any) -> str:
    """Return the subject of a status; of a kind that modtui does not show, a name that no thread
    has."""
    kind = named_in(raw, "subject", "$type")
    if kind in (REPO, RECORD):
        name = named_in(raw, "subject", "did" if kind == REPO else "uri")
        return name if name.startswith(("did:", "at://")) else ""
    return f"{kind} {raw_json(raw)}" if kind else ""
