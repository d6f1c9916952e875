"""A batch taken apart by subject: what it says of one thread, and what cannot be used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from modtui.connectors import Batch, Broken
from modtui.domain.frozen import dataclass
from modtui.domain.model import Flag, Post, Remark, Thread

if TYPE_CHECKING:
    from modtui.engine.nameless import Nameless

# Beyond these a calendar cannot be asked in every zone.
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


class Piece:
    """What one batch says of one subject."""

    __slots__ = ("flags", "posts", "remarks", "subject", "thread")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.thread: Thread | None = None
        self.posts: list[Post] = []
        self.flags: list[Flag] = []
        self.remarks: list[Remark] = []


@dataclass(frozen=True, slots=True)
class Source:
    """Where a batch comes from.

    `rank` gives every account's place in the configuration: the first of a realm owns a thread.
    `own` is our remote id on that platform, "" while it is not known. `backlog`: what is older
    than that when the account is first read is put aside; zero: nothing is.
    """

    account: str
    realm: str
    rank: Mapping[str, int]
    own: str = ""
    backlog: timedelta = timedelta()


class Beside:
    """Which flags one account's last `lists` had beside all of the `rows` that name no thread and
    cannot be read: none of these is theirs. Rows are known by a hash of what they hold, equal ones
    by which of them they are. `hidden` counts the threads that the last list lacked, and that one
    of the rows may be."""

    def __init__(self) -> None:
        self.rows: dict[int, Nameless] = {}
        self.hidden = 0
        # What is missing is closed with the second list without it: few need to be known.
        self.lists: deque[frozenset[tuple[str, str]]] = deque(maxlen=5)

    def copy(self) -> Beside:
        """Return another one that holds the same."""
        made = Beside()
        made.rows, made.hidden = self.rows, self.hidden
        made.lists.extend(self.lists)
        return made

    def doubt(self, subject: str) -> None:
        """Let a thread no more count as one that stood beside the rows."""
        kept = [frozenset(one for one in listed if one[0] != subject) for listed in self.lists]
        self.lists.clear()
        self.lists.extend(kept)


@dataclass(frozen=True, slots=True)
class Merged:
    """What a slice changed, and what was kept aside."""

    changed: frozenset[int]
    quarantined: int = 0


def take_apart(batch: Batch) -> list[Piece]:
    """Return the pieces of `batch`, in the order in which the subjects first appear."""
    pieces: dict[str, Piece] = {}

    def of(subject: str) -> Piece:
        piece = pieces.get(subject)
        if piece is None:
            piece = pieces[subject] = Piece(subject)
        return piece

    for thread in batch.threads:
        of(thread.subject).thread = thread
    for flag in batch.flags:
        (pieces.get(flag.thread) or of(flag.thread)).flags.append(flag)
    for post in batch.posts:
        (pieces.get(post.thread) or of(post.thread)).posts.append(post)
    for remark in batch.remarks:
        of(remark.thread).remarks.append(remark)
    return list(pieces.values())


def slices(pieces: Sequence[Piece], size: int) -> Iterator[Sequence[Piece]]:
    """Yield `pieces` in groups of at most `size`, and one empty group for none."""
    yield from (pieces[at : at + size] for at in range(0, max(len(pieces), 1), size))


def sift(piece: Piece) -> tuple[Piece, tuple[Broken, ...]]:
    """Return what of `piece` can be stored, and what must be kept aside; one bad post or flag
    does not take the others with it."""
    if piece.subject and _whole(piece):
        return piece, ()
    if not piece.subject:
        return Piece(""), (broken(piece, "no subject"),)
    where, aside = f"thread {piece.subject}", []
    sound = Piece(piece.subject)
    for flag in piece.flags:
        why = _flaw(flag.at)
        if why:
            aside.append(Broken(f"flag {flag.key} of {where}", why, repr(flag)))
        else:
            sound.flags.append(flag)
    for post in piece.posts:
        why = _flaw(post.created_at, post.edited_at, post.deleted_at)
        if why:
            aside.append(Broken(f"post {post.remote_id} of {where}", why, repr(post)))
        else:
            sound.posts.append(post)
    for remark in piece.remarks:
        why = _flaw(remark.at)
        if why:
            aside.append(Broken(f"remark {remark.remote_id} of {where}", why, repr(remark)))
        else:
            sound.remarks.append(remark)
    why = _flaw(piece.thread.created_at) if piece.thread is not None else ""
    if why:
        aside.append(Broken(where, why, repr(piece.thread)))
    else:
        sound.thread = piece.thread
    return sound, tuple(aside)


def _whole(piece: Piece) -> bool:
    """Return whether nothing of `piece` must be kept aside: so it is with nearly all."""
    thread = piece.thread
    if thread is not None and _flaw(thread.created_at):
        return False
    for flag in piece.flags:
        at = flag.at
        if at.tzinfo is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            return False
    for post in piece.posts:
        at = post.created_at
        if at.tzinfo is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            return False
        changed = post.edited_at is not None or post.deleted_at is not None
        if changed and _flaw(post.edited_at, post.deleted_at):
            return False
    return not any(_flaw(remark.at) for remark in piece.remarks)


def _flaw(*times: datetime | None) -> str:
    for at in times:
        if at is not None and at.tzinfo is None:
            return "a time without a zone"
        if at is not None and not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            return "a time that cannot be"
    return ""


def newcomer_flaw(piece: Piece) -> str | None:
    """Return why `piece` cannot become a thread, or None."""
    if piece.thread is None:
        return "a flag on a thread that was never told of"
    return None if piece.flags else "a thread without a flag"


def broken(piece: Piece, why: str) -> Broken:
    """Return `piece` as an item to keep aside, with what is known of it as evidence."""
    return Broken(f"thread {piece.subject}", why, repr(piece))
