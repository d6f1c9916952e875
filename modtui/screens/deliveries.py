"""Deliveries: what is on its way, what came back, and what only a person can tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from modtui.domain.commands import Command, Hide, Reply, Sanction
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.views import Change
from modtui.engine import Refused
from modtui.screens.dialogs.confirm import ConfirmDialog
from modtui.widgets.id_list import IdList, Line
from modtui.widgets.lines import FirstLine, KeyLine, StatusLine

if TYPE_CHECKING:
    from modtui.app import ModTui

WORDS = {
    DeliveryState.HELD: "held: u takes it back",
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


def aim(command: Command) -> str:
    """What the command is about, in a few words."""
    match command:
        case Reply(text=text):
            return " ".join(text.split())
        case Hide(posts=posts, reason=reason):
            return f"post {', '.join(posts)} {reason}"
        case Sanction(sanction=kind, author=author):
            return f"{kind.value} {author}"
    return ""


def age(at: datetime, now: datetime) -> str:
    """`40 s`, `12 min`, `3 h`, `2 d`."""
    passed = max(now - at, timedelta(0))
    seconds = int(passed.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def line(delivery: Delivery, now: datetime) -> Line:
    """One row of the list."""
    text = (
        f"{age(delivery.created_at, now):>7} {WORDS[delivery.state]:<22.22} "
        f"{delivery.command.kind:<10.10} #{delivery.thread:<6} {delivery.account:<10.10} "
        f"{aim(delivery.command)}"
    )
    urgent = delivery.state in (DeliveryState.NEEDS_HUMAN, DeliveryState.REJECTED)
    return Line(str(delivery.id), text, faint=delivery.state in FAINT, urgent=urgent)


class DeliveriesScreen(Screen[None]):
    """The outbox as a list; the answers to an unknown outcome are keys."""

    app: ModTui
    DEFAULT_CSS = """
    DeliveriesScreen #about { height: 5; border-top: solid $primary; }
    """
    BINDINGS = [
        Binding("t", "settle('there')", "it is there", id="deliveries.there"),
        Binding("s", "settle('again')", "send again", id="deliveries.again"),
        Binding("x", "settle('drop')", "drop it", id="deliveries.drop"),
        Binding("c", "cancel", "take back", id="deliveries.cancel"),
        Binding("enter", "open", "open the thread", id="deliveries.open"),
        Binding("q,escape", "back", "back to the queue", id="deliveries.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.deliveries: dict[str, Delivery] = {}

    def compose(self) -> ComposeResult:
        yield FirstLine()
        yield IdList(id="deliveries")
        yield Static(id="about")
        yield StatusLine()
        yield KeyLine("t it is there   s send again   x drop   c take back   Enter thread   q back")

    def on_mount(self) -> None:
        self.app.changed.subscribe(self, self.on_change)
        self.query_one(IdList).focus()

    def on_screen_resume(self) -> None:
        self.reload()

    def on_change(self, change: Change) -> None:
        if self.is_current and (change.deliveries or change.wide):
            self.reload()

    @work(exclusive=True, group="deliveries")
    async def reload(self) -> None:
        rows = await self.app.engine.deliveries()
        now = self.app.engine.now()
        self.deliveries = {str(delivery.id): delivery for delivery in rows}
        self.query_one(IdList).lines = tuple(line(delivery, now) for delivery in rows)
        self.show_about()

    @property
    def selected(self) -> Delivery | None:
        return self.deliveries.get(self.query_one(IdList).selected or "")

    @on(IdList.Selected)
    def show_about(self) -> None:
        delivery = self.selected
        if delivery is None:
            text = "Nothing is on its way, and nothing needs you."
        else:
            zone = ZoneInfo(self.app.engine.desk.moderator.timezone)
            at = delivery.created_at.astimezone(zone).strftime("%H:%M:%S")
            error = f"\n{delivery.error}" if delivery.error else ""
            tries = f", {delivery.attempts} tries" if delivery.attempts > 1 else ""
            text = (
                f"{delivery.command.kind} by {delivery.by} at {at}{tries}: "
                f"{WORDS[delivery.state]}{error}\n{aim(delivery.command)}"
            )
        self.query_one("#about", Static).update(Content(text))

    @work(exclusive=True, group="settle")
    async def action_settle(self, verdict: str) -> None:
        delivery = self.selected
        keys = self.query_one(KeyLine)
        if delivery is None or delivery.state is not DeliveryState.NEEDS_HUMAN:
            keys.say("Only a delivery that says NEEDS YOU can be answered.")
            return
        questions = {
            "there": "You looked: it is there. Mark it as sent?",
            "again": "Send it again? If it is there after all, people will see it twice.",
            "drop": "Drop it? The text comes back as a draft.",
        }
        if await self.app.push_screen_wait(ConfirmDialog(questions[verdict])):
            try:
                await self.app.engine.settle(delivery.id, verdict)
            except Refused as refused:
                keys.say(str(refused))

    @work(exclusive=True, group="settle")
    async def action_cancel(self) -> None:
        delivery = self.selected
        keys = self.query_one(KeyLine)
        if delivery is None or delivery.state not in CANCELLABLE:
            keys.say("Only what has not left yet can be taken back here.")
            return
        try:
            await self.app.engine.cancel(delivery.id)
        except Refused as refused:
            keys.say(str(refused))

    def action_open(self) -> None:
        if (delivery := self.selected) is not None:
            self.app.open_thread(delivery.thread)

    def action_back(self) -> None:
        self.app.switch_mode("queue")
