"""The end of a shift: what is left, what becomes of each thing, and the text for the next ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from modtui.domain.frozen import dataclass
from modtui.domain.settings import Reach
from modtui.domain.text import Clean


class Fate(StrEnum):
    """What becomes of one thing at a hand-over."""

    KEEP = "keep"
    TRANSFER = "transfer"
    RELEASE = "release"
    NOTE = "note"


class Part(StrEnum):
    """What kind of thing is left, in the order of the text."""

    CLAIM = "claim"
    DRAFT = "draft"
    DELIVERY = "delivery"
    RUNNING = "running"
    SNOOZE = "snooze"
    NOW = "now"
    ESCALATION = "escalation"


HEADINGS: Mapping[Part, str] = {
    Part.CLAIM: "HELD",
    Part.DRAFT: "DRAFTS",
    Part.DELIVERY: "WITHOUT A RECEIPT",
    Part.RUNNING: "RUNNING",
    Part.SNOOZE: "SNOOZED",
    Part.NOW: "NOW THREADS",
    Part.ESCALATION: "ESCALATED, STILL OPEN",
}

_F = Fate
CHOICES: Mapping[Part, tuple[Fate, ...]] = {
    Part.CLAIM: (_F.RELEASE, _F.TRANSFER, _F.KEEP, _F.NOTE),
    Part.DRAFT: (_F.KEEP, _F.TRANSFER, _F.NOTE),
    Part.DELIVERY: (_F.KEEP, _F.NOTE),
    Part.RUNNING: (_F.KEEP, _F.NOTE),
    Part.SNOOZE: (_F.KEEP, _F.TRANSFER, _F.RELEASE, _F.NOTE),
    Part.NOW: (_F.KEEP, _F.TRANSFER, _F.NOTE),
    Part.ESCALATION: (_F.KEEP, _F.TRANSFER, _F.NOTE),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is left. `says` is how it stands, in words; `text` a draft's words.

    `id` is the same whenever it is read again. `thread` is NO_THREAD where it is about none.
    `asks`: a delivery that waits for the moderator's word.
    """

    id: str
    part: Part
    thread: int
    title: Clean
    place: Clean
    says: str
    url: str | None = None
    text: str = ""
    delivery: int | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an item: `to` names who gets it, `note` is what the next one should know."""

    fate: Fate
    to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What `by` leaves at `at`. `since` is when the shift began, as far as modtui knows.

    `reach` is where the text goes; without one `unsent` says why it stays here. `people` are
    those who may take over, the latest seen first, then the teams. `exposed` counts the folded
    posts that were read: it is shown to oneself and is never in the text.
    """

    by: str
    at: datetime
    since: datetime
    zone: str
    items: tuple[Item, ...]
    reach: Reach | None = None
    unsent: str = ""
    people: tuple[str, ...] = ()
    exposed: int = 0

    def of(self, part: Part) -> tuple[Item, ...]:
        """The items of one part."""
        return tuple(item for item in self.items if item.part is part)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A hand-over that was done. `delivery` carries its text; None where no channel is set."""

    by: str
    at: datetime
    to: str
    text: str
    delivery: int | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """One moderator at one modtui: `ended_at` is None while it runs, and for one that was cut
    short; `handed_at` is when the shift was handed over in it."""

    session: str
    by: str
    began_at: datetime
    ended_at: datetime | None = None
    handed_at: datetime | None = None


def default(item: Item, to: str = "") -> Decision:
    """Return what becomes of `item` if nobody says otherwise; `to` is who takes over, if named."""
    if item.part is Part.CLAIM and to:
        return Decision(Fate.TRANSFER, to)
    return Decision(CHOICES[item.part][0])


def decided(leaving: Leaving, made: Mapping[str, Decision], to: str = "") -> dict[str, Decision]:
    """Return a decision for each item by its id: the one that was made, else the default."""
    return {item.id: made.get(item.id) or default(item, to) for item in leaving.items}


def fate_words(item: Item, decision: Decision) -> str:
    """Return what becomes of `item`, in words; "" where it only goes on as it is."""
    match decision.fate:
        case Fate.TRANSFER:
            return f"handed to {decision.to}"
        case Fate.RELEASE:
            return "woken" if item.part is Part.SNOOZE else "released"
        case Fate.NOTE:
            return f"note: {decision.note}"
    return "kept" if item.part in (Part.CLAIM, Part.DRAFT) else ""


def write(leaving: Leaving, decisions: Mapping[str, Decision], to: str = "") -> str:
    """Return the text of the hand-over. No word of a draft is in it."""
    zone = ZoneInfo(leaving.zone)
    at, since = leaving.at.astimezone(zone), leaving.since.astimezone(zone)
    head = f"Hand-over of {leaving.by}, {at:%a %d %b %H:%M} {leaving.zone}, since {since:%H:%M}"
    lines = [f"{head}, to {to}" if to else head]
    for part in Part:
        items = leaving.of(part)
        if items:
            lines += ["", f"{HEADINGS[part]} {len(items)}"]
        for item in items:
            lines += _told(item, decisions.get(item.id) or default(item, to))
    if not leaving.items:
        lines += ["", "Nothing is held, on its way or running. A calm shift."]
    return "\n".join(lines)


def _told(item: Item, decision: Decision) -> list[str]:
    words = (item.title, item.place, item.says, fate_words(item, decision))
    line = "- " + " · ".join(word for word in words if word)
    return [line, f"  {item.url}"] if item.url else [line]


@dataclass(frozen=True, slots=True)
class Stop:
    """What would stop if this modtui ended now, in words; `timed`: the end of a setting, whose time
    has not come."""

    what: str
    timed: bool


@dataclass(frozen=True, slots=True)
class Return:
    """What a moderator comes back to: drafts, deliveries and claims of the sitting that ended at
    `left_at`, None where none is known. `cut`: it did not end in order."""

    left_at: datetime | None
    cut: bool
    items: tuple[Item, ...]
