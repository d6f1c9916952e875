"""The keys that act on the thread and post under the cursor; Queue and Thread share them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from modtui.domain import decide
from modtui.domain.commands import Command
from modtui.domain.decide import Case
from modtui.domain.views import Change, ThreadDetail
from modtui.engine import Refused, Submitted, Undone
from modtui.keymap import Action, bindings
from modtui.screens.knowing import Knowing
from modtui.screens.sensitive import Sensitive
from modtui.widgets.cells import one_line
from modtui.widgets.guard import DONE_HERE, NEW_THREAD
from modtui.widgets.host import host, work
from modtui.widgets.slot_rows import READING
from modtui.widgets.thread_pane import ThreadPane

RENEW = timedelta(seconds=40)
ACTIVE = timedelta(minutes=10)
NO_THREAD = "there is no thread under the cursor"
NOT_PAINTED = "the thread is not on the screen yet"
NOT_READ = "the rest of the thread is not on the screen yet"
OFF_SCREEN = "the post it acts on is off the screen: move to it first"
_ANYWHERE = {"claim", "take-over", "note", "sensitive"}

Commands = tuple[Command, ...]

ACTING = (
    Action("queue.quick", "1,2,3,4,5,6,7,8,9", "quick({key})", "quick reply: preview, Enter sends",
           "asks", True, "reply", "quick reply", named="1-9"),
    Action("queue.reply", "r", "reply", "write a reply (claims)", "asks", True, "write", "write"),
    Action("queue.done", "d", "done", "done (resolve); asks if something is unanswered or flagged",
           "at once", True, "done", "done"),
    Action("queue.keep", "a", "keep", "keep the post: its flags dismissed, a held post approved",
           "at once", True, "keep", "keep post"),
    Action("queue.remove", "x", "remove", "remove or hide this post: rule by number, Enter",
           "asks", True, "remove", "remove…"),
    Action("queue.escalate", "e", "escalate", "escalate: team, note", "asks", True,
           "escalate", "escalate…"),
    Action("queue.slow", "s", "slow", "slow mode, or the nearest by its own name", "asks", True,
           "slow", "slow…"),
    Action("queue.undo", "u", "undo", "take back my latest (names it)", "at once",
           hint="undo", long="take back"),
    Action("queue.claim", "c", "claim", "claim or release", "at once", True, long="claim"),
    Action("queue.sanction", "b", "sanction", "warn, mute, ban; starts at the mildest", "asks",
           True, long="sanction…"),
    Action("queue.extra", "B", "extra", "what this platform has of its own: reopen, freeze, tag",
           "asks", True),
    Action("queue.note", "m", "note", "note for the team", "asks", True, long="note"),
    Action("queue.take-over", "C", "take_over", "take over from who holds it", "asks", True),
    Action("queue.find", "0", "find", "find a reply in the library", "asks", True),
    Action("queue.lock", "L", "lock", "lock, unlock, with reason and end", "asks", True),
    Action("queue.snooze", "z", "snooze", "snooze", "asks", True),
    Action("queue.sensitive", "exclamation_mark", "sensitive",
           "sensitive: help route, NOW lane; again: it is not", "at once", True),
    Action("queue.next", "n", "next(1)", "next to do; while searching: next match",
           long="next to do"),
    Action("queue.previous", "N", "next(-1)", "previous to do; while searching: previous match"),
    Action("queue.flagged", "J", "flagged(1)", "next flagged post"),
    Action("queue.flagged-back", "K", "flagged(-1)", "previous flagged post"),
    Action("queue.author", "w", "author", "the author's record: what we know of them"),
    Action("queue.link", "o", "link", "link, raw text, media address"),
    Action("queue.translate", "t", "translate", "translate the post by your own command"),
    Action("queue.unfold", "Z", "unfold", "show a folded post; again folds it", "at once", True),
)  # fmt: skip


class Acting(Sensitive):
    """A room with one thread under the cursor. `current`, `advance` and `back` are its own."""

    ACTED_ON = "on this thread"
    ACTIONS: ClassVar[tuple[Action, ...]] = (*ACTING, *Knowing.ACTIONS)
    BINDINGS = bindings(ACTING)

    pane: ThreadPane | None = None
    _pressed_at: datetime | None = None
    _renewed_at: datetime | None = None
    _armed: int = 0
    _waiting: asyncio.TimerHandle | None = None
    _looked: Case | None = None
    _sighted: bool | None = None

    # what is under the cursor
    def current(self) -> int | None:
        """Return the thread under the cursor."""
        raise NotImplementedError

    @property
    def detail(self) -> ThreadDetail | None:
        """What is shown of the thread under the cursor, or None while it is being read."""
        detail = self.pane.detail if self.pane is not None else None
        return detail if detail is not None and detail.row.id == self.current() else None

    def case(self) -> Case | None:
        """Return what a key would decide on now."""
        if self._looked is not None:
            return self._looked
        if self.pane is None or self.detail is None:
            return None
        post, desk = self.pane.posts.post, self.engine.desk
        take_over = host(self).keymap.key("queue.take-over", "C")
        return Case(self.detail, post, desk, self.engine.now(), take_over)

    def off(self, action: Action) -> str:
        if not action.acts:
            return ""
        if self.current() is None:
            return NO_THREAD
        case = self.case()
        if case is None or self.pane is None:
            return NOT_PAINTED
        if self.pane.posts.painted_for != case.detail.row.id:
            return NOT_PAINTED
        if action.verb not in _ANYWHERE and not self._in_sight():
            return OFF_SCREEN
        if action.verb == "quick" and not self.pane.ready:
            return READING if self.engine.shelf.reading else NOT_READ
        return decide.why_off(action.verb, case)

    def _in_sight(self) -> bool:
        """Whether the post that a key acts on can be seen."""
        if self._sighted is not None:
            return self._sighted
        return self.pane is not None and self.pane.posts.on_screen

    def paint_hints(self) -> None:
        # One look for all of its keys.
        self._looked, self._sighted = self.case(), self._in_sight()
        try:
            super().paint_hints()
        finally:
            self._looked = self._sighted = None

    def worded(self, action: Action) -> Action:
        case = self.case()
        if action.verb == "claim" and case is not None and case.mine:
            return replace(action, long="release")
        return action

    def read(self) -> None:
        """Read the thread under the cursor and show it."""
        self._wait_no_more()
        work(self, self._read, "detail")

    def step(self) -> None:
        """Another thread is under the cursor: show it, and what takes longer when it rests there.

        While a key repeats, only the list moves; where it pauses is where it was to go, and all of
        the thread is shown. Where the cursor was at rest the next frame shows it, as far as that
        takes no longer: the cursor itself waits for nothing that is read.
        """
        waits = host(self).waits
        if host(self).cadence.repeats():
            self._later(waits.repeat, self.read)
        else:
            self.after_frame(self._glance)

    def _glance(self) -> None:
        thread, pane = self.current(), self.pane
        shown = pane.detail.row.id if pane is not None and pane.detail is not None else None
        other = thread is not None and thread != shown
        rested = self._waiting is None
        detail = (
            self.engine.thread_now(thread, more=rested) if thread is not None and other else None
        )
        if detail is None or pane is None or not pane.is_mounted:
            self.read()
            return
        pane.show(detail, replies=rested)
        self.paint_pane()
        self.paint_now(self._shown if detail.whole else self._seen)
        self._later(host(self).waits.rest, self._wait_no_more if detail.whole else self.read)

    def _later(self, seconds: float, then: Callable[[], None]) -> None:
        self._wait_no_more()
        if seconds:
            self._waiting = asyncio.get_running_loop().call_later(seconds, then)
        else:
            then()

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def on_unmount(self) -> None:
        self._wait_no_more()

    async def _read(self) -> None:
        thread, pane = self.current(), self.pane
        if pane is None or not pane.is_mounted:
            return
        detail = await self.engine.thread(thread) if thread is not None else None
        if thread == self.current():
            pane.show(detail)
            self.paint_pane()
            self.call_after_refresh(self._shown)

    def where(self) -> str:
        """Return where the cursor is, for the line above the posts."""
        return ""

    def pane_shown(self) -> None:
        """The pane shows another state of the thread: paint what else says so."""

    def paint_pane(self) -> None:
        """Paint what stands around the posts anew: the time, the claim."""
        if self.pane is not None and self.pane.is_mounted:
            self.pane.paint(self.where())
            self.pane_shown()

    def arrived(self) -> None:
        """Keys act once the thread is on the screen; `_shown` says so."""

    def _seen(self) -> None:
        host(self).guard.painted(self._armed)

    def _shown(self) -> None:
        self._seen()
        self.paint_hints()

    def on_change(self, change: Change) -> None:
        if change.wide or self.current() in change.threads:
            self.read()
        elif change.replies:
            self._answer()

    def _answer(self) -> None:
        """Show the quick replies as they are now; nothing else of the thread has changed."""
        detail, pane = self.detail, self.pane
        if detail is None or pane is None or not detail.whole:
            self.read()
            return
        pane.show(detail)
        self.paint_pane()
        self.call_after_refresh(self._shown)

    # going on
    def submitted(self, taken: Submitted, commands: Commands) -> None:
        super().submitted(taken, commands)
        self.unkept.taken(commands)
        case = self.case()
        in_lane = case is not None and case.in_lane
        if any(decide.finishes(c, in_lane=in_lane) for c in commands):
            self.go_on()
        self.read()

    def go_on(self) -> None:
        """Go to the next thread, if there is one; keys act once it is on the screen."""
        before = self.current()
        self.advance()
        self._armed = host(self).guard.arm(NEW_THREAD if self.current() != before else DONE_HERE)

    def advance(self) -> None:
        """Go to the next thread below that nobody holds; stay, and say so, at the end."""
        raise NotImplementedError

    def tick(self) -> None:
        now, case = self.engine.now(), self.case()
        active = self._pressed_at is not None and now - self._pressed_at < ACTIVE
        due = self._renewed_at is None or now - self._renewed_at >= RENEW
        may = not self.engine.lead.read_only
        if case is not None and case.mine and active and due and may:
            self._renewed_at = now
            work(self, partial(self.engine.claim, case.detail.row.id), "renew")
        self.paint_pane()

    def pressed(self) -> None:
        super().pressed()
        self._pressed_at = self.engine.now()

    def refused(self, refusal: Refused) -> str:
        said, waits = super().refused(refusal), self.unkept.wait(self.current())
        return f"{said} · your words wait: the same key shows them" if waits else said

    # at once
    async def action_keep(self) -> None:
        if (case := self.case()) is not None:
            await self.act(decide.keep(case))

    async def action_done(self) -> None:
        case = self.case()
        if case is None:
            return
        if case.in_lane:
            self.ask_outcome(case)
            return
        commands = decide.done(case)
        question = decide.done_question(case)
        if question:
            self.confirm(question, lambda: self.act(commands))
        else:
            await self.act(commands)

    async def action_claim(self) -> None:
        case = self.case()
        if case is None:
            return
        if case.mine:
            await self.engine.release(case.detail.row.id)
            self.say("released")
        else:
            claim = await self.engine.claim(case.detail.row.id)
            me = self.engine.desk.moderator.name
            self.say("claimed: yours now" if claim.by == me else f"{claim.by} was faster")
        self.read()

    def action_take_over(self) -> None:
        case = self.case()
        if case is None:
            return
        thread = case.detail.row.id

        async def take() -> None:
            await self.engine.take_over(thread)
            self.say("taken over: yours now")
            self.read()

        self.confirm(f"{case.holder} holds this thread. Take it over?", take)

    async def action_undo(self) -> None:
        await self._undo()

    async def _undo(self, *, force: bool = False) -> None:
        try:
            undone = await self.engine.undo(force=force)
        except Refused as refusal:
            if refusal.can_force and not force:
                question = f"{one_line(str(refusal))}. Take it back all the same?"
                self.confirm(question, partial(self._undo, force=True))
            else:
                self.say(self.refused(refusal))
            return
        self.say_undone(undone)
        self.undone(undone)
        self.read()
        if undone.seen is not None:
            self.seen(undone.seen)

    def seen(self, thread: int) -> None:
        """A removal was taken back that people may have seen."""

    def undone(self, undone: Undone) -> None:
        """Something was taken back: go to where it can be done better."""

    # moving and reading
    def action_flagged(self, step: int) -> None:
        if self.pane is not None and not self.pane.posts.to_flagged(step):
            self.say("no further flagged post that way")

    def action_next(self, step: int) -> None:
        """Go to the next thread to do, or the next match of a search."""
        raise NotImplementedError
