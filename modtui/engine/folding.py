"""What a rule calls distressing is folded: which posts, and what their thread is called then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from modtui.domain.care import Fold
from modtui.domain.model import Flag, Post, ThreadRecord
from modtui.domain.settings import Desk
from modtui.domain.text import Clean, clean_line
from modtui.domain.views import QueueRow
from modtui.engine.weigh import named


def called(record: ThreadRecord, desk: Desk) -> Clean:
    """Return what a thread is called in a line for the moderator: its title, or neutral words."""
    return neutral(record.id, record.reasons, desk.fold_reasons) or record.thread.title


def dressed(row: QueueRow, desk: Desk) -> QueueRow:
    """Return `row` with neutral words for its title where that is folded."""
    title = neutral(row.id, row.reasons, desk.fold_reasons)
    return replace(row, title=title) if title else row


def neutral(number: int, reasons: Sequence[str], folded: Sequence[str]) -> Clean | None:
    """Return neutral words for the title of thread `number`; None where `folded` does not meet
    its reasons."""
    reason = named(reasons, folded)
    return None if reason is None else clean_line(f"[folded] {reason}, thread {number}")


def folds(
    record: ThreadRecord, posts: Iterable[Post], flags: Sequence[Flag], desk: Desk
) -> Mapping[str, Fold]:
    """Return which posts are folded by rule: those flagged for it, else the thread's subject.

    With `fold_media` the media of every other flagged post are folded too.
    """
    found: dict[str, Fold] = {}
    subjects: list[Post] = []
    distressing = False
    for post in posts:
        reasons = [f.reason for f in flags if f.post == post.remote_id]
        if post.is_subject:
            subjects.append(post)
            reasons += [f.reason for f in flags if f.post is None]
        reason = named(reasons, desk.fold_reasons)
        if reason is not None:
            distressing = True
            found[post.remote_id] = Fold(post, reason)
        elif reasons and post.media and desk.fold_media:
            found[post.remote_id] = Fold(post, "media", text=False)
    was = named(record.reasons, desk.fold_reasons)
    if was is not None and not distressing:
        # Its flags are closed: what it says is still what it was.
        found.update((post.remote_id, Fold(post, was)) for post in subjects)
    return found
