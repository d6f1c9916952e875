"""Deliveries: what is on its way, what came back, and what only a person can tell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from modtui.domain.commands import NO_THREAD, Command, Reply
from modtui.domain.model import Draft
from modtui.domain.outbox import UNFINISHED, Delivery, DeliveryState, stuck
from modtui.domain.views import Change
from modtui.domain.words import act, span
from modtui.engine import Engine, Refused
from modtui.keymap import Action, bindings
from modtui.screens.room import GO, Room
from modtui.widgets.cells import one_line
from modtui.widgets.host import host, visible, work
from modtui.widgets.id_list import IdList, Line
from modtui.widgets.thread_head import place

OWN = (
    Action("deliveries.there", "t", "settle('there')", "it is there: mark it as sent", "asks",
           True, "it is there", "it is there"),
    Action("deliveries.again", "s", "again", "send it again", "asks",
           True, "send again", "send again"),
    Action("deliveries.drop", "x", "settle('drop')", "drop it: the text comes back", "asks",
           True, "drop", "drop"),
    Action("deliveries.cancel", "c", "cancel", "take back what has not left", "at once",
           True, "take back", "take back"),
    Action("deliveries.open", "enter", "open", "open its thread", hint="thread",
           long="open thread"),
    Action("deliveries.back", "q,escape,h,left", "back", "back to the queue", hint="back",
           long="back"),
)  # fmt: skip

WORDS = {
    DeliveryState.HELD: "held, not sent yet",
    DeliveryState.QUEUED: "queued",
    DeliveryState.SENDING: "sending",
    DeliveryState.SENT: "sent",
    DeliveryState.REJECTED: "refused",
    DeliveryState.STALE: "it changed: act again",
    DeliveryState.BLOCKED: "waits for login",
    DeliveryState.UNKNOWN: "outcome unknown",
    DeliveryState.RECONCILING: "looking whether it is there",
    DeliveryState.NEEDS_HUMAN: "NEEDS YOU",
    DeliveryState.CANCELLED: "taken back",
}
FAINT = {DeliveryState.SENT, DeliveryState.CANCELLED}
CANCELLABLE = {DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.BLOCKED}


def words(delivery: Delivery) -> str:
    """Return how a delivery stands."""
    if delivery.practised:
        return "practised, not sent"
    return "waits for your word" if asks(delivery) else WORDS[delivery.state]


def asks(delivery: Delivery) -> bool:
    """Return whether it was left behind and is sent only when its moderator says so."""
    return delivery.asks and delivery.state is DeliveryState.QUEUED


def kind(command: Command) -> str:
    """Return what kind of command it is, as it is called on screen."""
    return command.kind.replace("_", "-")


def aim(command: Command) -> str:
    """Return what the command is about: the words of a reply, else the act."""
    return one_line(command.text) if isinstance(command, Reply) else act(command)


def number(delivery: Delivery) -> str:
    """Return the number of its thread, "" where it has none."""
    return f"#{delivery.thread}" if delivery.thread != NO_THREAD else ""


def line(delivery: Delivery, now: datetime) -> Line:
    """One row of the list."""
    text = (
        f"{span(now - delivery.created_at):>7} {words(delivery):<22.22} "
        f"{kind(delivery.command):<10.10} {number(delivery):<7} {delivery.account:<10.10} "
        f"{aim(delivery.command)}"
    )
    urgent = delivery.state in (DeliveryState.NEEDS_HUMAN, DeliveryState.REJECTED)
    urgent = urgent or stuck(delivery, now)
    return Line(str(delivery.id), text, faint=delivery.state in FAINT, urgent=urgent)


def draft_line(draft: Draft, now: datetime) -> Line:
    """One row of the list for a text that was not sent."""
    text = (
        f"{span(now - draft.saved_at):>7} {'draft: Enter, then r':<22} {'reply':<10} "
        f"#{draft.thread:<6} {'':<10} {one_line(draft.text)}"
    )
    return Line(f"draft-{draft.thread}", text)


class DeliveriesScreen(Room):
    """The outbox as a list; the answers to an unknown outcome are keys."""

    DEFAULT_CSS = """
    DeliveriesScreen #about { height: 6; border-top: solid $primary; padding: 0 1; }
    """
    ACTIONS: ClassVar[tuple[Action, ...]] = (*OWN, *Room.ACTIONS)
    HINTED: ClassVar[tuple[Action, ...]] = (GO,)
    BINDINGS = bindings(OWN)
    AUTO_FOCUS = "IdList"

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.list = IdList(id="deliveries")
        self.about = Static(id="about")
        self.deliveries: dict[str, Delivery] = {}
        self.drafts: dict[str, Draft] = {}
        self.where = (0, "")

    def body(self) -> Iterable[Widget]:
        yield self.list
        yield self.about

    def on_screen_resume(self) -> None:
        self.reload()

    def on_change(self, change: Change) -> None:
        if change.deliveries or change.wide:
            self.reload()

    def tick(self) -> None:
        self.list.lines = self.rows()

    def reload(self) -> None:
        """Read the deliveries again and show them; the cursor stays on its delivery."""
        if visible(self):
            work(self, self._reload, "deliveries")

    async def _reload(self) -> None:
        self.deliveries = {str(row.id): row for row in await self.engine.deliveries()}
        self.drafts = {f"draft-{each.thread}": each for each in await self.engine.drafts()}
        self.list.lines = self.rows()
        self.show_about()

    def rows(self) -> tuple[Line, ...]:
        """The rows as they read now: what needs a person, drafts, and then the others."""
        now, all_of_them = self.engine.now(), self.deliveries.values()
        asking = [d for d in all_of_them if d.state is DeliveryState.NEEDS_HUMAN]
        others = [d for d in all_of_them if d.state is not DeliveryState.NEEDS_HUMAN]
        return (
            *(line(each, now) for each in asking),
            *(draft_line(each, now) for each in self.drafts.values()),
            *(line(each, now) for each in others),
        )

    @property
    def thread(self) -> int | None:
        """The thread of the delivery or draft under the cursor."""
        found = self.selected or self.drafts.get(self.list.selected or "")
        return found.thread or None if found is not None else None

    @property
    def selected(self) -> Delivery | None:
        """The delivery under the cursor."""
        return self.deliveries.get(self.list.selected or "")

    def off(self, action: Action) -> str:
        delivery = self.selected
        if action.verb == "again" and delivery is not None and asks(delivery):
            return ""
        if action.verb in ("there", "again", "drop"):
            if delivery is None or delivery.state is not DeliveryState.NEEDS_HUMAN:
                return "only a delivery that says NEEDS YOU can be answered"
        elif action.verb == "cancel" and (delivery is None or delivery.state not in CANCELLABLE):
            return "only what has not left yet can be taken back here"
        elif action.verb == "open" and self.thread is None:
            return "a hand-over has no thread" if delivery else "there is no delivery here"
        return ""

    @on(IdList.Selected)
    def show_about(self) -> None:
        """Say everything about the delivery under the cursor; its thread when that was read."""
        thread = self.thread or 0
        if thread and thread != self.where[0]:
            work(self, partial(self._look_up, thread), "thread")
        self._say_all()

    async def _look_up(self, thread: int) -> None:
        """Read what the thread is called, and say it."""
        found = await self.engine.thread(thread)
        if found is not None:
            self.where = (thread, f"{one_line(found.row.title)} · {place(found)}\n")
            self._say_all()

    def _say_all(self) -> None:
        delivery, draft = self.selected, self.drafts.get(self.list.selected or "")
        thread, where = self.where
        where = where if thread == self.thread else ""
        if draft is not None:
            how = "A draft: Enter opens its thread, r goes on writing."
            text = f"{where}{how}\n{one_line(draft.text)}"
        elif delivery is None:
            text = "Nothing is on its way, and nothing needs you."
        else:
            zone = ZoneInfo(self.engine.desk.moderator.timezone)
            at = delivery.created_at.astimezone(zone).strftime("%H:%M:%S")
            why = delivery.error or self.waits_for(delivery)
            error = f"\n{why}" if why else ""
            tries = f", {delivery.attempts} tries" if delivery.attempts > 1 else ""
            text = (
                f"{where}{kind(delivery.command)} by {delivery.by} at {at}{tries}: "
                f"{words(delivery)}{error}\n{aim(delivery.command)}"
            )
        self.about.update(Content(text))
        self.paint_hints()

    def waits_for(self, delivery: Delivery) -> str:
        """Say what has to leave before a delivery that waits its turn; "" for nothing."""
        before = [
            each
            for each in self.deliveries.values()
            if each.thread == delivery.thread and each.id < delivery.id
            if each.state in UNFINISHED and each.not_before is None
        ]
        if delivery.state is not DeliveryState.QUEUED or not before:
            return ""
        first = min(before, key=lambda each: each.id)
        why = f": {first.error}" if first.error else ""
        return f"goes after: {act(first.command)} ({words(first)}{why})"

    def action_settle(self, verdict: str) -> None:
        delivery = self.selected
        text = delivery is not None and isinstance(delivery.command, Reply)
        left = "The text comes back as a draft" if text else "It is not tried again"
        if text and delivery is not None and f"draft-{delivery.thread}" in self.drafts:
            left = "A newer draft stands on its thread: this text stays readable here"
        questions = {
            "there": "You looked: it is there. Mark it as sent?",
            "again": "Send it again? If it is there after all, people will see it twice.",
            "drop": f"Drop it? {left}.",
        }
        if delivery is not None:
            then = partial(self._told, partial(self.engine.settle, delivery.id, verdict))
            self.confirm(questions[verdict], then)

    def action_again(self) -> None:
        delivery = self.selected
        if delivery is not None and asks(delivery):
            then = partial(self._told, partial(self.engine.shift.send, delivery.id))
            self.confirm("Send it now, after all?", then)
        else:
            self.action_settle("again")

    async def action_cancel(self) -> None:
        if (delivery := self.selected) is not None:
            await self._told(partial(self.engine.cancel, delivery.id))

    async def _told(self, do: Callable[[], Awaitable[None]]) -> None:
        try:
            await do()
        except Refused as refused:
            self.say(self.refused(refused))

    def action_open(self) -> None:
        if (thread := self.thread) is not None:
            host(self).open_thread(thread)

    def action_back(self) -> None:
        self.app.switch_mode("queue")
