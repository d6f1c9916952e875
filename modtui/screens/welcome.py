"""Welcome back: what the last sitting left, drafts first, and what became of it since."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from modtui.domain.shift import Item, Part, Return
from modtui.domain.words import span
from modtui.engine import Engine, Refused
from modtui.keymap import Action, bindings
from modtui.screens.leftover_room import LeftoverRoom
from modtui.screens.room import GO, Room
from modtui.widgets.cells import one_line
from modtui.widgets.guard import OPENED
from modtui.widgets.host import host

OWN = (
    Action("welcome.open", "enter", "open", "go on writing, send what asks, or open its thread",
           "asks", True, "go on", "go on"),
    Action("welcome.drop", "x", "drop", "drop what asks: its text comes back as a draft", "asks",
           True, "drop", "drop"),
    Action("welcome.back", "q,escape,h,left", "back", "to the queue", hint="queue", long="queue"),
)  # fmt: skip


class WelcomeScreen(LeftoverRoom):
    """What I come back to after a sitting that ended without a hand-over."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (*OWN, *Room.ACTIONS)
    HINTED: ClassVar[tuple[Action, ...]] = (GO,)
    BINDINGS = bindings(OWN)
    HEADINGS = {
        Part.DRAFT: "DRAFTS",
        Part.DELIVERY: "WHAT BECAME OF YOUR DELIVERIES",
        Part.CLAIM: "WHAT YOU HELD",
    }

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.back: Return | None = None
        self._armed = 0

    def on_mount(self) -> None:
        self._armed = host(self).guard.arm(OPENED)

    def arrived(self) -> None:
        """Keys act once what was left behind was read; `_reload` says so."""

    async def load(self) -> Sequence[Item]:
        self.back = await self.engine.shift.back()
        return self.back.items

    async def _reload(self) -> None:
        await super()._reload()
        self.call_after_refresh(host(self).guard.painted, self._armed)

    def headline(self) -> str:
        back = self.back
        if back is None:
            return "Welcome back"
        if back.left_at is None:
            return "Welcome · no earlier session of yours is known here"
        zone = ZoneInfo(self.engine.desk.moderator.timezone)
        at = back.left_at.astimezone(zone).strftime("%H:%M")
        ago = span(self.engine.now() - back.left_at)
        how = "was cut short" if back.cut else "ended"
        return f"Welcome back · your last session {how} {at}, {ago} ago"

    def word(self, item: Item) -> str:
        if item.part is Part.DRAFT:
            return "go on writing"
        if item.asks:
            return "send it now?"
        return ""

    def about(self, item: Item | None) -> str:
        if item is None:
            back = host(self).keymap.key("welcome.back", "q")
            return f"Nothing was left. {back} goes to the queue."
        words = f"\n{one_line(item.text)}" if item.text else ""
        place = f" · {item.place}" if item.place else ""
        return f"{self._does(item)}\n{one_line(item.title)}{place} · {item.says}{words}"

    def _does(self, item: Item) -> str:
        if item.part is Part.DRAFT:
            return "Enter goes on writing."
        if item.asks:
            drop = host(self).keymap.key("welcome.drop", "x")
            return (
                f"It is older than two minutes: Enter sends it after a question, {drop} drops it."
            )
        return "Enter opens its thread." if item.thread else "It has no thread."

    def off(self, action: Action) -> str:
        item = self.selected
        if not action.acts:
            return ""
        if item is None:
            return "nothing was left"
        if action.verb == "drop" and not item.asks:
            return "only what waits for your word can be dropped here"
        if action.verb == "open" and not (item.thread or item.asks):
            return "a hand-over has no thread"
        return ""

    def action_open(self) -> None:
        item = self.selected
        if item is None:
            return
        if item.part is Part.DRAFT:
            host(self).write_on(item.thread)
        elif item.asks and item.delivery is not None:
            question = f"Send it now, after all: {one_line(item.title)}?"
            self.confirm(question, partial(self._answer, item.delivery, send=True))
        elif item.thread:
            host(self).open_thread(item.thread)

    def action_drop(self) -> None:
        item = self.selected
        if item is not None and item.delivery is not None:
            text = "A text comes back as a draft, or stays in Deliveries beside a newer one."
            question = f"Drop it: {one_line(item.title)}? {text}"
            self.confirm(question, partial(self._answer, item.delivery, send=False))

    async def _answer(self, delivery: int, *, send: bool) -> None:
        try:
            if send:
                await self.engine.shift.send(delivery)
            else:
                await self.engine.cancel(delivery)
        except Refused as refused:
            self.say(self.refused(refused))
        self.reload()
