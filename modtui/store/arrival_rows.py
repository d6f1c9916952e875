"""The rows of new threads. What is alike in nearly all of them, or follows from another column, is
written in the statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modtui.domain.model import Flag, Post, State, ThreadRecord
from modtui.store.arrivals_port import Arrival
from modtui.store.flags import FLAG_COLUMNS, flag_values
from modtui.store.posts import FOLD_COLUMNS, POST_COLUMNS, post_values
from modtui.store.rows import listed_words, stamp, stamp_or_none
from modtui.store.session import Form
from modtui.store.threads import (
    EVENT_COLUMNS,
    THREAD_COLUMNS,
    event_values,
    haystack,
    thread_values,
)

_THREADS = Form("thread", ("id", *THREAD_COLUMNS))
_EVENTS = Form("event", EVENT_COLUMNS)
_FLAGS = Form("flag", FLAG_COLUMNS)
_POSTS = Form("post", POST_COLUMNS)
_FOLDED = Form("post_folded", FOLD_COLUMNS)
_OPEN = State.OPEN

PLAIN_THREAD = Form(
    "thread",
    (
        "id", "subject", "channel", "title", "author_id", "author_name", "author_standing",
        "created_at", "url", "conversation", "said_language", "said_severity", "tags",
        "first_flag_at", "severity", "flag_count", "reasons", "language", "clock", "due_at",
        "soon_at", "resumes_at", "breached_at", "policy", "inherited", "held", "help_route",
        "haystack",
    ),
    ("realm", "account", "seq"),
    {
        "place": "{due_at}", "state": f"'{State.OPEN.value}'", "revision": "1",
        "locked": "0", "holder": "''", "snoozed_until": "NULL", "resolved_at": "NULL",
        "resolved_by": "NULL", "team": "NULL", "pending": "0", "unknown": "0",
        "now_at": "NULL", "now_due_at": "NULL", "now_reason": "''", "backlog": "0",
    },
)  # fmt: skip
PLAIN_FLAG = Form(
    "flag",
    ("thread", "reason", "at", "remote_id", "post", "by", "rule"),
    made={"note": "''", "key": "{remote_id}"},
)
PLAIN_POST = Form(
    "post",
    (
        "thread", "remote_id", "author_id", "author_name", "author_standing", "role", "text",
        "created_at", "is_subject",
    ),
    made={
        "raw": "CAST({text} AS BLOB)", "hidden": "0", "edited_at": "NULL", "deleted_at": "NULL",
        "held": "0", "media": "'[]'",
    },
)  # fmt: skip


def is_plain_thread(record: ThreadRecord) -> bool:
    """Return whether nobody has worked on a thread, it has a deadline, and stands by that."""
    thread = record.thread
    return (
        record.state is _OPEN
        and record.revision == 1
        and record.standing.due_at is not None
        and record.now_at is None
        and not record.backlog
        and not (thread.locked or thread.holder)
        and not (record.pending or record.unknown or record.now_reason)
        and record.team is None
        and record.now_due_at is None
        and record.snoozed_until is None
        and record.resolved_at is None
        and record.resolved_by is None
    )


def plain_thread_values(number: int, record: ThreadRecord) -> tuple[object, ...]:
    """Return the values of `PLAIN_THREAD`, of plain types."""
    thread, standing = record.thread, record.standing
    author, clock, soon_at = thread.author, standing.clock, standing.soon_at
    resumes_at, breached_at = standing.resumes_at, standing.breached_at
    return (
        number, thread.subject, thread.channel, str(thread.title), author.remote_id,
        str(author.name), str(author.standing), stamp(thread.created_at), thread.url,
        thread.conversation, thread.language, thread.severity.rank, listed_words(thread.tags),
        stamp(record.first_flag_at), record.severity.rank, record.flag_count,
        listed_words(record.reasons), record.language, None if clock is None else str(clock),
        stamp_or_none(standing.due_at), None if soon_at is None else stamp(soon_at),
        None if resumes_at is None else stamp(resumes_at),
        None if breached_at is None else stamp(breached_at), standing.policy,
        int(standing.inherited), int(thread.held), record.help_route, haystack(thread),
    )  # fmt: skip


def is_plain_flag(flag: Flag) -> bool:
    """Return whether a flag is numbered by the platform, and no word stands beside it."""
    return bool(flag.remote_id) and not flag.note


def is_plain_post(post: Post) -> bool:
    """Return whether a post stands as it was written, and bears nothing."""
    return (
        post.raw == post.text
        and not (post.hidden or post.held or post.media)
        and post.edited_at is None
        and post.deleted_at is None
        and (post.text.isascii() or _is_whole(post.text))
    )


def _is_whole(text: str) -> bool:
    """Return whether a text has no half of a surrogate pair, which is kept as evidence alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Rows:
    """What is on its way into each table, flat, row after row: a tuple kept for each would be one
    more thing to collect. `shared`: realm, account and number of the transaction, of every plain
    thread."""

    def __init__(self, shared: tuple[str, str, int]) -> None:
        self.shared = shared
        self.plain_threads: list[object] = []
        self.threads: list[object] = []
        self.events: list[object] = []
        self.plain_flags: list[object] = []
        self.flags: list[object] = []
        self.plain_posts: list[object] = []
        self.posts: list[object] = []
        self.folded: list[object] = []

    def add(self, number: int, arrival: Arrival) -> None:
        """Take in a thread that gets `number`."""
        record, happened, raised, written = arrival
        realm, account, seq = self.shared
        if record.account == account and record.realm == realm and is_plain_thread(record):
            self.plain_threads += plain_thread_values(number, record)
        else:
            self.threads.append(number)
            self.threads += thread_values(record, seq)
        for event in happened:
            self.events += event_values(number, event)
        self._raise(number, raised)
        self._write(number, written)

    def _raise(self, number: int, flags: Sequence[Flag]) -> None:
        """Take in the flags of a thread. All go one way: of one moment they are told apart by the
        order in which they are stored; so are posts."""
        for flag in flags:
            if not is_plain_flag(flag):
                self._raise_any(number, flags)
                return
        for flag in flags:
            by = flag.by
            self.plain_flags += (
                number, flag.reason, stamp(flag.at), flag.remote_id, flag.post,
                None if by is None else str(by), int(flag.rule),
            )  # fmt: skip

    def _raise_any(self, number: int, flags: Sequence[Flag]) -> None:
        for flag in flags:
            self.flags += flag_values(flag)
            self.flags += number, flag.key

    def _write(self, number: int, posts: Sequence[Post]) -> None:
        for post in posts:
            if not is_plain_post(post):
                self._write_any(number, posts)
                return
        for post in posts:
            author, text = post.author, str(post.text)
            self.plain_posts += (
                number, post.remote_id, author.remote_id, str(author.name), str(author.standing),
                str(post.role), text, stamp(post.created_at), int(post.is_subject),
            )  # fmt: skip
            self.folded += number, post.remote_id, text.casefold()

    def _write_any(self, number: int, posts: Sequence[Post]) -> None:
        for post in posts:
            self.posts += post_values(post)
            self.posts += number, post.remote_id
            self.folded += number, post.remote_id, post.text.casefold()

    def tables(self) -> Iterator[tuple[Form, Sequence[object]]]:
        """Yield the values on their way, in an order in which they can be inserted."""
        yield PLAIN_THREAD, self.plain_threads
        yield _THREADS, self.threads
        yield _EVENTS, self.events
        yield PLAIN_FLAG, self.plain_flags
        yield _FLAGS, self.flags
        yield PLAIN_POST, self.plain_posts
        yield _POSTS, self.posts
        yield _FOLDED, self.folded
