"""What every part of a conversation needs: the engine, who listens, and how to act."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from modtui.domain import decide
from modtui.domain.commands import Command, Note, Reply
from modtui.domain.decide import Case
from modtui.domain.model import Post
from modtui.domain.outbox import DeliveryState
from modtui.domain.views import Change, ThreadDetail
from modtui.engine import Engine, Refused, Submitted, Undone
from modtui.plain.speech import Hearer, at, duration, on, said, sentence
from modtui.plain.talk import Back, Choice, Home, Talk, View, Word

READ_ONLY = "read-only session"
READS = frozenset({"author", "read", "link", "translate", "unfold", "deadline", "deeds"})
SETTLES_SECONDS = 1.0
TAKE_OVER = "the choice take over"


@dataclass(slots=True)
class Seat:
    """A moderator at modtui in lines. `sleep` waits for seconds; `drains`: what is on its way goes
    on without us. `looked_at` is the thread that is open; `listed` are the pages of choices that
    were heard one a line; `taken_back` the batches whose end is no news."""

    engine: Engine
    talk: Talk
    sleep: Callable[[float], Awaitable[None]]
    drains: bool = False
    looked_at: int | None = None
    listed: set[int] = field(default_factory=set)
    taken_back: set[str] = field(default_factory=set)
    changes: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, change: Change) -> None:
        """Something changed in the engine, and its lists say so."""
        self.changes += 1
        self._news.set()

    async def settled(self, before: int) -> None:
        """Wait until the lists say what was done when there were `before` changes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLES_SECONDS):
                while self.changes == before:
                    self._news.clear()
                    await self._news.wait()

    @property
    def hearer(self) -> Hearer:
        """Who listens, now."""
        moderator = self.engine.desk.moderator
        return Hearer(moderator.name, self.engine.now(), moderator.timezone)

    @property
    def me(self) -> str:
        """The moderator's name."""
        return self.engine.desk.moderator.name

    def time(self, moment: datetime) -> str:
        """Return a moment in the moderator's zone."""
        return at(moment, self.hearer)

    def case(self, detail: ThreadDetail, post: Post | None) -> Case:
        """Return what is decided on."""
        return Case(detail, post, self.engine.desk, self.engine.now(), TAKE_OVER)

    def why_off(self, verb: str, detail: ThreadDetail, post: Post | None) -> str:
        """Return why `verb` cannot be done, "" if it can."""
        if self.engine.lead.read_only and verb not in READS:
            return READ_ONLY
        return said(decide.why_off(verb, self.case(detail, post)))

    # acting
    async def act(self, detail: ThreadDetail, commands: Sequence[Command]) -> bool:
        """Submit one batch, say how it stands and offer to take it back. Return whether the work
        on the thread ends with it. What is refused is told, and a text comes back as a draft."""
        before = self.changes
        taken = await self._submitted(detail, tuple(commands))
        if taken is None:
            return False
        await self.settled(before)
        self._tell(detail, commands, taken)
        await self.talk.written()
        await self.engine.painted(taken.batch)
        if all(isinstance(command, Note) for command in commands):
            # A note stays: there is nothing to take back.
            return False
        if await self._taken_back(detail, taken):
            return False
        in_lane = detail.row.now_at is not None
        return any(decide.finishes(command, in_lane=in_lane) for command in commands)

    async def _submitted(
        self, detail: ThreadDetail, commands: tuple[Command, ...], *, force: bool = False
    ) -> Submitted | None:
        try:
            return await self.engine.submit(commands, force=force)
        except Refused as refusal:
            if refusal.can_force and not force:
                return await self._ask_again(detail, commands, refusal)
            if refusal.kind == "claimed":
                return await self._claimed(detail, commands, refusal)
            self.talk.say(f"Not done: {said(str(refusal))}.")
        await self._keep(detail, commands)
        return None

    async def _ask_again(
        self, detail: ThreadDetail, commands: tuple[Command, ...], refusal: Refused
    ) -> Submitted | None:
        """It changed, or a reply is on its way: view it, act all the same, or keep the text. Raises
        Back, View, Home."""
        what = "It changed" if refusal.kind == "stale" else "Not yet"
        text = any(isinstance(command, Reply) for command in commands)
        choices = [
            Choice("view it" + (", the text stays as a draft" if text else ""), "view"),
            Choice("act all the same", "act"),
        ]
        if text:
            choices.append(Choice("keep it as a draft", "keep"))
        try:
            title = f"{what}: {said(str(refusal))}."
            chosen = await self.talk.pick(title, choices)
        except (Back, Home):
            await self._keep(detail, commands)
            raise
        if chosen == "act":
            return await self._submitted(detail, commands, force=True)
        await self._keep(detail, commands)
        raise View if chosen == "view" else Back

    async def _claimed(
        self, detail: ThreadDetail, commands: tuple[Command, ...], refusal: Refused
    ) -> Submitted | None:
        question = f"Not done: {said(str(refusal))}. Take it over and send?"
        if await self.talk.confirm(question, "takes it over and sends"):
            await self.engine.take_over(detail.row.id)
            return await self._submitted(detail, commands)
        await self._keep(detail, commands)
        return None

    async def _keep(self, detail: ThreadDetail, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, Reply):
                await self.engine.save_draft(detail.row.id, command.text)
                self.talk.say("The text is kept as a draft.")

    def _tell(self, detail: ThreadDetail, commands: Sequence[Command], taken: Submitted) -> None:
        """Say what is pending and until when, and what was done at once."""
        title, author = detail.row.title, detail.record.thread.author.name
        held = [row for row in taken.deliveries if row.state is DeliveryState.HELD]
        going = ", ".join(on(row.command, title, author) for row in taken.deliveries)
        window = duration(self.engine.desk.undo_window.total_seconds())
        here = ", ".join(on(c, title, author) for c in commands if c.local)
        if going and held:
            self.talk.say(f"Pending, {window} to take it back: {going}.")
        elif going:
            self.talk.say(f"Queued: {going}.")
        if here:
            self.talk.say(f"Done here: {here}.")

    async def _taken_back(self, detail: ThreadDetail, taken: Submitted) -> bool:
        """Offer to take back what was just done; return whether it was."""
        match await self.talk.number("1 takes it back, 0 or Enter goes on:", 1):
            case 1:
                self.taken_back.add(taken.batch)
                return await self._take_back(detail.row.id)
            case Word.QUIT:
                raise Home
        return False

    async def _take_back(self, thread: int, *, force: bool = False) -> bool:
        """Take back my latest of `thread`; return whether that was done."""
        before = self.changes
        try:
            undone = await self.engine.undo(thread, force=force)
        except Refused as refusal:
            if refusal.can_force and not force:
                question = sentence(said(str(refusal)))
                sure = await self.talk.confirm(question, "takes it back all the same")
                return sure and await self._take_back(thread, force=True)
            self.talk.say(f"It stays: {said(str(refusal))}.")
            return False
        self.tell_undone(undone)
        await self.settled(before)
        return True

    def tell_undone(self, undone: Undone) -> None:
        """Say what was taken back, and what it leaves."""
        self.talk.say(sentence(said(undone.message)))
        if undone.of_text:
            self.talk.say(sentence(undone.of_text))
        if undone.seen is not None:
            self.talk.say(
                "The removal was seen there: a reply that says it was our mistake is found in the "
                "library, once the post is back."
            )
