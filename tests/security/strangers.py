"""modtui on a pretend community, ours, in which everything a platform delivers is hostile.

    python -m tests.security.strangers [modtui's own arguments]

MODTUI_STRANGERS says how it comes: `cleaned` as a connector of ours hands it on; `raw` as one that
forgot to clean would, so that only what stands behind it is left. An account called `reef` fails
with an error that quotes its platform.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any
from zlib import crc32

from modtui.cli import main
from modtui.connectors import Batch, Connector, Context, Environment, Rejected, Retryable, ThreadRef
from modtui.connectors.demo import connector as demo
from modtui.domain.commands import Command, Reply
from modtui.domain.model import Author, Channel, Flag, Post, Restriction, Thread
from modtui.domain.outbox import Receipt
from modtui.domain.text import Clean, clean, clean_line
from tests.security.poison import EVERYTHING, piece

RAW = os.environ.get("MODTUI_STRANGERS") == "raw"
MARK = "\u2063\x1b]52;c;aWQ=\x07\u202e[@click=app.quit]"
"""What every id of the platform carries."""


def word(salt: str) -> Clean:
    """Return a hostile name, title or reason: one piece, found by `salt`."""
    raw = f"{piece(crc32(salt.encode()))}{salt.partition('-')[0]}"
    return Clean(raw) if RAW else clean_line(raw)


def marked(identity: str) -> str:
    """Return an id as the hostile platform gives it."""
    return f"{identity}{MARK}"


def unmarked(value: Any) -> Any:
    """Return `value` with every id as the community knows it."""
    if isinstance(value, str) and type(value) is str:
        return value.replace(MARK, "")
    if isinstance(value, tuple):
        return tuple(unmarked(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: unmarked(getattr(value, f.name)) for f in fields(value)})
    return value


def author(one: Author) -> Author:
    return Author(marked(one.remote_id), word(f"a{one.name}"), word(f"standing{one.name}"))


def channel(one: Channel, at: Any) -> Channel:
    limits = one.restriction or Restriction("slow\x1b[2J", 900, at, at + timedelta(hours=2))
    limits = replace(limits, by=word("by"), reason=word("why"))
    name = word(f"c{one.remote_id}")
    return replace(one, remote_id=marked(one.remote_id), name=name, restriction=limits)


def thread(one: Thread) -> Thread:
    return replace(
        one,
        subject=marked(one.subject),
        channel=marked(one.channel),
        title=word(f"{one.subject}-title"),
        author=author(one.author),
        url=f"https://аррӏе.example/{one.subject}{piece(crc32(one.subject.encode()))}",
        conversation=marked("talk"),
        language=one.language and f"{one.language}{piece(3)}",
        tags=(word("tag"), word("tag2")),
    )


def post(one: Post) -> Post:
    said = f"{one.text}\n{EVERYTHING}\n{piece(crc32(one.remote_id.encode()))}"
    cleaned = clean(said)
    return replace(
        one,
        remote_id=marked(one.remote_id),
        thread=marked(one.thread),
        author=author(one.author),
        text=Clean(said) if RAW else cleaned.text,
        raw=cleaned.raw,
        hidden=cleaned.hidden,
        media=(word(f"{one.remote_id}-media"),),
    )


def flag(one: Flag) -> Flag:
    return replace(
        one,
        thread=marked(one.thread),
        reason=f"{one.reason}{piece(crc32((one.remote_id or '').encode()))}",
        remote_id=one.remote_id and marked(one.remote_id),
        post=one.post and marked(one.post),
        by=one.by and word(f"r{one.by}"),
        note=word(f"{one.by}-note"),
    )


class Strangers(demo.Demo):
    """The demo's community, as its worst platform would tell of it."""

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        self._name = env.account

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        async for batch in super().updates(cursor):
            yield Batch(
                cursor=batch.cursor,
                channels=tuple(channel(each, self._env.now()) for each in batch.channels),
                threads=tuple(map(thread, batch.threads)),
                posts=tuple(map(post, batch.posts)),
                flags=tuple(map(flag, batch.flags)),
                closed=tuple((marked(a), marked(b)) for a, b in batch.closed),
                caught_up=batch.caught_up,
            )
            if self._name == "reef":
                raise Retryable(f"reef says: {EVERYTHING}")

    async def context(self, ref: ThreadRef) -> Context:
        if crc32(ref.subject.encode()) % 3 == 0:
            raise Rejected(f"no context: {EVERYTHING}")
        found = await super().context(unmarked(ref))
        where = found.channel and channel(found.channel, self._env.now())
        return Context(tuple(map(post, found.posts)), where)

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        if isinstance(command, Reply):
            raise Rejected(f"refused: {EVERYTHING}")
        receipt = await super().perform(unmarked(ref), unmarked(command), key)
        return replace(receipt, remote_id=marked(receipt.remote_id))


def create(env: Environment) -> Connector:
    """Return the connector of one account of strangers."""
    return Strangers(env)


REACHING = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec",
            "webbrowser.open", "urllib.Request")  # fmt: skip


def watch(file: str) -> None:
    """Write down in `file` what this process reaches for."""

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event in REACHING:
            with open(file, "a", encoding="utf-8") as kept:
                kept.write(f"{event} {arguments!r}\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    if kept := os.environ.get("MODTUI_STRANGERS_REACH"):
        watch(kept)
    demo.create = create
    main()
