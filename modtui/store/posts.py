"""Posts with their versions."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.model import Author, Post, Role
from modtui.store import StoredPost
from modtui.store.rows import (
    Row,
    cleaned,
    listed_words,
    marks,
    moment,
    moment_or_none,
    raw_bytes,
    raw_text,
    stamp,
    stamp_or_none,
    unlisted,
)
from modtui.store.threads import ThreadWrites

_SELECT = (
    "SELECT post.remote_id, subject, post.author_id, post.author_name, post.author_standing, role,"
    " text, raw, post.created_at, hidden, edited_at, deleted_at, post.held, media, is_subject,"
    " post.id FROM post JOIN thread ON thread.id = post.thread "
)
POST_COLUMNS = (
    "author_id", "author_name", "author_standing", "role", "text", "raw", "created_at", "hidden",
    "edited_at", "deleted_at", "held", "media", "is_subject", "thread", "remote_id",
)  # fmt: skip
FOLD_COLUMNS = ("thread", "post", "text")
_INSERT = (
    f"INSERT INTO post ({', '.join(POST_COLUMNS)}) VALUES ({marks(15)})"
    " ON CONFLICT (thread, remote_id) DO NOTHING"
)
_UPDATE = (
    "UPDATE post SET author_id = ?, author_name = ?, author_standing = ?, role = ?, text = ?,"
    " raw = ?, created_at = ?, hidden = ?, edited_at = ?, deleted_at = ?, held = ?, media = ?,"
    " is_subject = ? WHERE thread = ? AND remote_id = ?"
)
_KEEP_VERSION = (
    "INSERT INTO post_version (post, text, raw, hidden, edited_at, deleted_at, media)"
    " SELECT id, text, raw, hidden, edited_at, deleted_at, media FROM post WHERE id = ?"
)

_FOLD = f"INSERT OR REPLACE INTO post_folded ({', '.join(FOLD_COLUMNS)}) VALUES (?, ?, ?)"


def post_values(post: Post) -> tuple[object, ...]:
    """Return the first 13 of `POST_COLUMNS`.

    Of plain types: SQLite asks of every other value how it wants to be stored.
    """
    author = post.author
    return (
        author.remote_id, str(author.name), str(author.standing), str(post.role), str(post.text),
        raw_bytes(post.raw), stamp(post.created_at), post.hidden, stamp_or_none(post.edited_at),
        stamp_or_none(post.deleted_at), int(post.held), listed_words(post.media),
        int(post.is_subject),
    )  # fmt: skip


def _post(row: Row) -> Post:
    (
        remote_id, subject, author_id, author_name, author_standing, role, text, raw, created,
        hidden, edited, deleted, held, media, is_subject, _,
    ) = row  # fmt: skip
    return Post(
        remote_id=remote_id,
        thread=subject,
        author=Author(author_id, cleaned(author_name), cleaned(author_standing)),
        role=Role(role),
        text=cleaned(text),
        raw=raw_text(raw),
        created_at=moment(created),
        hidden=hidden,
        edited_at=moment_or_none(edited),
        deleted_at=moment_or_none(deleted),
        held=bool(held),
        media=tuple(cleaned(item) for item in unlisted(media)),
        is_subject=bool(is_subject),
    )


def _merged(old: Post, new: Post) -> StoredPost:
    """What the platform's `new` makes of the stored `old`."""
    if new.deleted_at is not None:
        gone = replace(
            new,
            text=old.text,
            raw=old.raw,
            hidden=old.hidden,
            media=old.media,
            edited_at=old.edited_at,
            deleted_at=old.deleted_at or new.deleted_at,
        )
        return StoredPost(gone, "same" if old.deleted_at else "deleted")
    if old.edited_at and (new.edited_at is None or new.edited_at < old.edited_at):
        return StoredPost(old, "same")
    if new.raw == old.raw and old.deleted_at is None:
        return StoredPost(new, "same")
    return StoredPost(new, "edited")


class PostWrites(ThreadWrites):
    async def posts(self, thread_id: int) -> tuple[Post, ...]:
        sql = _SELECT + "WHERE post.thread = ? ORDER BY post.created_at, post.id"
        return tuple(_post(row) for row in await self._all(sql, thread_id))

    async def versions(self, thread_id: int, remote_id: str) -> tuple[Post, ...]:
        sql = _SELECT + "WHERE post.thread = ? AND post.remote_id = ?"
        row = await self._one(sql, thread_id, remote_id)
        if row is None:
            return ()
        now = _post(row)
        older = await self._all(
            "SELECT text, raw, hidden, edited_at, deleted_at, media FROM post_version"
            " WHERE post = ? ORDER BY id",
            row[-1],
        )
        kept = tuple(
            replace(
                now,
                text=cleaned(text),
                raw=raw_text(raw),
                hidden=hidden,
                edited_at=moment_or_none(edited),
                deleted_at=moment_or_none(deleted),
                media=tuple(cleaned(item) for item in unlisted(media)),
            )
            for text, raw, hidden, edited, deleted, media in older
        )
        return (*kept, now)

    async def put_post(self, thread_id: int, post: Post) -> StoredPost:
        if await self._run(_INSERT, *post_values(post), thread_id, post.remote_id):
            await self._mark(thread_id)
            await self._run(_FOLD, thread_id, post.remote_id, post.text.casefold())
            return StoredPost(post, "new")
        sql = _SELECT + "WHERE post.thread = ? AND post.remote_id = ?"
        row = await self._one(sql, thread_id, post.remote_id)
        assert row is not None
        old = _post(row)
        stored = _merged(old, post)
        if stored.outcome == "edited":
            await self._run(_KEEP_VERSION, row[-1])
        if stored.post != old:
            await self._mark(thread_id)
            await self._run(_UPDATE, *post_values(stored.post), thread_id, post.remote_id)
            await self._run(_FOLD, thread_id, post.remote_id, stored.post.text.casefold())
        return stored
