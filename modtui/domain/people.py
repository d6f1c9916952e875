"""What is known of an author beyond one thread, and what a moderator did; in plain words."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.domain.frozen import dataclass
from modtui.domain.model import Author, State
from modtui.domain.text import Clean
from modtui.domain.words import length

FLAGS_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Brief:
    """An author's record in two numbers, of all threads of the realm but the one on screen.

    `flags` counts to FLAGS_COUNTED at most; `sanctions` has how often each kind was given, taken
    back or not.
    """

    flags: int = 0
    sanctions: tuple[tuple[str, int], ...] = ()

    @property
    def words(self) -> str:
        """The record beside a name: `no record`, or `2 earlier flags, 1 mute`."""
        return self._said(" flag" if self.flags == 1 else " flags")

    @property
    def short(self) -> str:
        """The same where there is little room: `2 earlier, 1 mute`."""
        return self._said("")

    def _said(self, noun: str) -> str:
        more = "+" if self.flags >= FLAGS_COUNTED else ""
        parts = [f"{self.flags}{more} earlier{noun}"] if self.flags else []
        parts += [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in self.sanctions]
        return ", ".join(parts) or "no record"


CLEAR = Brief()
NAMED = 3


@dataclass(frozen=True, slots=True)
class PastThread:
    """A flagged thread of theirs. `outcome` is the last thing we did about it, "" for nothing."""

    id: int
    title: Clean
    state: State
    flags: int
    flagged_at: datetime
    outcome: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class PastSanction:
    """A warning, mute, kick or ban. `seconds` None: for good, or over at once; `undone`: it was
    taken back as a mistake."""

    thread: int
    kind: str
    at: datetime
    seconds: int | None
    by: str
    reason: str = ""
    lifted_at: datetime | None = None
    lifted_by: str = ""
    undone: bool = False

    @property
    def ends_at(self) -> datetime | None:
        """When it was to end by itself, or None."""
        return self.at + timedelta(seconds=self.seconds) if self.seconds else None

    def words(self, now: datetime) -> str:
        """What it was and how it stands: `mute for 7 d, over`."""
        lasting = f" for {length(self.seconds)}" if self.seconds else ""
        if self.lifted_at is not None:
            return f"{self.kind}{lasting}, lifted by {self.lifted_by}"
        over = self.ends_at is not None and self.ends_at <= now
        return f"{self.kind}{lasting}{', over' if over else ''}"


@dataclass(frozen=True, slots=True)
class AuthorNote:
    """Words for the team about an author; no platform is told. `thread`: where it was written."""

    by: str
    at: datetime
    text: Clean
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Namesake:
    """The same name in another realm, which may be another person."""

    realm: str
    account: str
    threads: int
    sanctions: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """Everything the store knows of one author in one realm; `namesakes` are kept apart."""

    realm: str
    author: Author
    first_seen_at: datetime | None
    posts: int
    flags: int
    threads: tuple[PastThread, ...] = ()
    sanctions: tuple[PastSanction, ...] = ()
    notes: tuple[AuthorNote, ...] = ()
    namesakes: tuple[Namesake, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """One batch that a moderator submitted. `what` names each of its acts with its target.

    `why_not` says why it cannot be taken back, "" that it can; `inverse`: not from the outbox, but
    by the opposite command, which the platform will show; `doubt`: what cannot be told of what
    that ends, to be said before.
    """

    batch: str
    thread: int
    at: datetime
    account: str
    what: tuple[str, ...]
    state: str
    why_not: str = ""
    inverse: bool = False
    doubt: str = ""

    @property
    def words(self) -> str:
        """What was done, the first three of many."""
        more = len(self.what) - NAMED
        return ", ".join(self.what[:NAMED]) + (f" and {more} more" if more > 0 else "")
