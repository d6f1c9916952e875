"""An author's record in rows. Pure functions; what a platform wrote stays text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from modtui.domain.flagged import flags_of
from modtui.domain.model import Author, State
from modtui.domain.people import AuthorRecord, PastThread
from modtui.domain.text import show_hosts
from modtui.domain.views import ThreadDetail
from modtui.widgets.cells import Row, clip, clock, cut, fit, one_line, wrap
from modtui.widgets.host import Moment
from modtui.widgets.thread_rows import flag_words

POST_LINES = 4


def written_rows(detail: ThreadDetail, author: Author, moment: Moment) -> tuple[Row, ...]:
    """Return what `author` wrote in this thread, each post with its flags."""
    posts = [post for post in detail.posts if post.author.remote_id == author.remote_id]
    many = "1 post" if len(posts) == 1 else f"{len(posts)} posts"
    rows: list[Row] = [((f" IN THIS THREAD  {many}", "strong"),)]
    for post in posts:
        flags = flag_words(flags_of(detail, post))
        rows.append(((f" {_at(post.created_at, moment)}  ", "muted"), (flags, "soon")))
        lines = wrap(show_hosts(post.text), moment.width - 8)[:POST_LINES]
        rows += [((f"   {line}", "text"),) for line in lines]
    return tuple(rows)


def known_rows(record: AuthorRecord | None, thread: int, moment: Moment) -> tuple[Row, ...]:
    """Return what is known of an author; `thread` is the one on screen."""
    if record is None:
        return (((" Nothing is known of this author.", "muted"),), ())
    rows = [*_head(record, moment), *_sanctions(record, moment), *_notes(record, moment)]
    rows += [*_threads(record, thread, moment), *_namesakes(record, moment)]
    return tuple(clip(row, moment.width) for row in rows)


def _head(record: AuthorRecord, moment: Moment) -> Iterator[Row]:
    author = record.author
    standing = one_line(author.standing) or "no standing known"
    yield ((f" {one_line(author.name)}", "strong"), (f"   {one_line(author.remote_id)}", "muted"))
    seen = _at(record.first_seen_at, moment) if record.first_seen_at else "–"
    posts = "1 post" if record.posts == 1 else f"{record.posts} posts"
    flags = "1 flag" if record.flags == 1 else f"{record.flags} flags"
    yield ((f" {standing} · first seen {seen.rstrip()} · {posts} known · {flags} in all", "text"),)
    yield ()


def _sanctions(record: AuthorRecord, moment: Moment) -> Iterator[Row]:
    yield ((f" SANCTIONS  {len(record.sanctions) or 'none'}", "strong"),)
    for each in record.sanctions:
        words = f" {_at(each.at, moment)}  {each.words(moment.now)}"
        why = f" · {one_line(each.reason)}" if each.reason else ""
        yield ((words, "soon"), (f" · by {each.by}{why}", "text"))
    yield ()


def _notes(record: AuthorRecord, moment: Moment) -> Iterator[Row]:
    yield ((f" NOTES OF THE TEAM  {len(record.notes) or 'none'}", "strong"),)
    for note in record.notes:
        head = f" {_at(note.at, moment)}  {note.by}: "
        first, *more = wrap(one_line(note.text), moment.width - len(head) - 1)
        yield ((head, "muted"), (first, "text"))
        for line in more:
            yield ((" " * len(head) + line, "text"),)
    yield ()


def _threads(record: AuthorRecord, thread: int, moment: Moment) -> Iterator[Row]:
    yield ((f" FLAGGED THREADS  {len(record.threads) or 'none'}", "strong"),)
    for each in record.threads:
        here = "this one" if each.id == thread else _outcome(each)
        flags = f"{each.flags:>3} {'flag ' if each.flags == 1 else 'flags'}"
        title = cut(one_line(each.title), max(moment.width - 56, 12))
        words = f" {_at(each.flagged_at, moment)}  {flags}  {fit(here, 26)} {title}"
        yield ((words, "muted" if each.state is State.RESOLVED else "text"),)
    yield ()


def _outcome(thread: PastThread) -> str:
    by = f" by {thread.by}" if thread.by else ""
    said = f"{thread.outcome}{by}" if thread.outcome else ""
    return said if thread.state is State.RESOLVED and said else thread.state.value


def _namesakes(record: AuthorRecord, moment: Moment) -> Iterator[Row]:
    if not record.namesakes:
        return
    yield ((" THE SAME NAME ELSEWHERE, perhaps another person", "strong"),)
    for each in record.namesakes:
        threads = "1 thread" if each.threads == 1 else f"{each.threads} threads"
        given = "no sanction" if not each.sanctions else f"sanctions {each.sanctions}"
        last = _at(each.last_at, moment).rstrip()
        yield ((f" {each.account}: {threads} · {given} · flagged last {last}", "text"),)
    yield ()


def _at(at: datetime, moment: Moment) -> str:
    return fit(clock(at, moment.zone, moment.now), 12)
