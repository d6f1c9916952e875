"""The views of the queue by name: what each asks for, whatever the moment and the moderator."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from modtui.domain.frozen import dataclass
from modtui.domain.model import State
from modtui.domain.views import QueueFilter

WITHIN = timedelta(hours=1)


class Kind(StrEnum):
    """The views that are always there."""

    ALL = "all"
    MINE = "mine"
    UNOWNED = "unowned"
    LATE = "late"
    HOUR = "hour"
    NOW = "now"
    ESCALATED = "escalated"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    BACKLOG = "backlog"
    DONE = "done"


class By(StrEnum):
    """What a view can be narrowed by: one account, language or flag reason."""

    PLATFORM = "platform"
    LANGUAGE = "language"
    REASON = "reason"


WORDS = {
    Kind.HOUR: "due within the hour",
    Kind.NOW: "NOW",
    Kind.DONE: "done today",
}
_FIELDS = {By.PLATFORM: "accounts", By.LANGUAGE: "languages", By.REASON: "reasons"}
_TIMED = frozenset({Kind.LATE, Kind.HOUR, Kind.DONE})
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class View:
    """Which threads are wanted. `text` is searched for; `name` is what it was saved under.

    A language of "" is one that nobody could tell. `exact`: a view that no kind says, of this
    moment, called `name`; it is not saved.
    """

    kind: Kind = Kind.ALL
    accounts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    text: str = ""
    name: str = ""
    exact: QueueFilter | None = None

    @property
    def words(self) -> str:
        """The view as the bar names it: `late · harbour`."""
        if self.name:
            return self.name
        rest = [*self.accounts, *(each or UNKNOWN for each in self.languages), *self.reasons]
        rest += [f'"{self.text}"'] if self.text else []
        whole = self.kind is Kind.ALL and rest
        return " · ".join(rest if whole else [WORDS.get(self.kind, self.kind.value), *rest])

    @property
    def whole(self) -> bool:
        """Whether it hides nothing of the queue."""
        return self == View()

    @property
    def timed(self) -> bool:
        """Whether time alone can bring a thread into it or out of it."""
        return self.kind in _TIMED

    def narrowed(self, by: By, value: str) -> View:
        """Return this view with only the threads of one account, language or reason."""
        changed: dict[str, Any] = {_FIELDS[by]: (value,)}
        return replace(self, name="", exact=None, **changed)

    def asks(self, me: str, now: datetime, zone: str) -> QueueFilter:
        """Return what is asked of the store for it at `now`; `zone` says when today began."""
        if self.exact is not None:
            return self.exact
        narrow = QueueFilter(
            accounts=self.accounts, languages=self.languages, reasons=self.reasons, text=self.text
        )
        return replace(narrow, **_of_kind(self.kind, me, now, zone))


def _of_kind(kind: Kind, me: str, now: datetime, zone: str) -> dict[str, Any]:
    match kind:
        case Kind.MINE:
            return {"claimed_by": me}
        case Kind.UNOWNED:
            return {"unowned": True, "states": (State.OPEN,)}
        case Kind.LATE:
            return {"late": True}
        case Kind.HOUR:
            return {"due_before": now + WITHIN}
        case Kind.NOW:
            return {"now": True}
        case Kind.ESCALATED | Kind.WAITING | Kind.SNOOZED:
            return {"states": (State(kind.value),)}
        case Kind.BACKLOG:
            return {"backlog": True}
        case Kind.DONE:
            today = now.astimezone(ZoneInfo(zone)).date()
            return {"done_since": datetime.combine(today, time(), ZoneInfo(zone))}
    return {}


def dump(view: View) -> str:
    """Return `view` as JSON, but for `exact`; `load` gives back an equal one."""
    kept = {f.name: getattr(view, f.name) for f in fields(view) if f.name != "exact"}
    return json.dumps(kept, ensure_ascii=False)


def load(text: str) -> View:
    """Return the view that `dump` wrote. Raises ValueError for a kind that is not there."""
    data: dict[str, Any] = json.loads(text)
    lists = {name: tuple(data[name]) for name in _FIELDS.values()}
    return View(**{**data, **lists, "kind": Kind(data["kind"])})
