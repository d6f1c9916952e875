"""Accounts: how each connector stands, in words, and what was kept aside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from modtui.domain.model import Health
from modtui.domain.views import AccountStatus, Change
from modtui.domain.words import span, to_go
from modtui.engine import Engine
from modtui.keymap import Action, bindings
from modtui.screens.room import GO, Room
from modtui.widgets.host import visible, work
from modtui.widgets.id_list import IdList, Line

OWN = (
    Action("accounts.retry", "r", "retry", "try this account again now", "at once", True,
           "try again now", "try again now"),
    Action("accounts.back", "q,escape,h,left", "back", "back to the queue", hint="back",
           long="back"),
)  # fmt: skip


class AccountsScreen(Room):
    """One line an account; the one under the cursor is explained below."""

    DEFAULT_CSS = """
    AccountsScreen #about { height: 7; border-top: solid $primary; padding: 0 1; }
    """
    ACTIONS: ClassVar[tuple[Action, ...]] = (*OWN, *Room.ACTIONS)
    HINTED: ClassVar[tuple[Action, ...]] = (GO,)
    BINDINGS = bindings(OWN)
    AUTO_FOCUS = "IdList"

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.list = IdList(id="accounts")
        self.about = Static(id="about")

    def body(self) -> Iterable[Widget]:
        yield self.list
        yield self.about

    def on_screen_resume(self) -> None:
        self.reload()

    def on_change(self, change: Change) -> None:
        if change.accounts or change.wide:
            self.reload()

    def tick(self) -> None:
        self.list.lines = self.rows()

    def line(self, status: AccountStatus) -> Line:
        now = self.engine.now()
        heard = (
            f"heard {span(now - status.last_ok_at)} ago" if status.last_ok_at else "not heard yet"
        )
        waiting = f"  {status.backlog} to send" if status.backlog else ""
        aside = f"  {status.quarantined} kept aside" if status.quarantined else ""
        where = "  (another modtui serves it)" if status.elsewhere else ""
        text = (
            f" {status.name:<14.14} {status.connector:<10.10} {status.health.value:<14} "
            f"{heard:<20}{waiting}{aside}{where}"
        )
        well = status.health in (Health.LIVE, Health.STARTING)
        return Line(status.name, text, urgent=not well)

    def rows(self) -> tuple[Line, ...]:
        """The rows as they read now."""
        return tuple(self.line(status) for status in self.engine.accounts())

    def reload(self) -> None:
        """Show the accounts as they stand now."""
        if visible(self):
            self.list.lines = self.rows()
            work(self, self.show_about, "about")

    @on(IdList.Selected)
    def selection(self) -> None:
        work(self, self.show_about, "about")

    async def show_about(self) -> None:
        """Say everything about the account under the cursor."""
        name = self.list.selected
        status = next((s for s in self.engine.accounts() if s.name == name), None)
        if status is None:
            text = "No account is configured: modtui init adds one."
        else:
            aside = [q for q in await self.engine.quarantined() if q.account == name][:3]
            broken = "".join(f"\nkept aside: {q.where}: {q.why}" for q in aside)
            who = f"as {status.identity}" if status.identity else "identity not known yet"
            since = span(self.engine.now() - status.since)
            stands = f"{status.health.value} for {since}{to_go(status.until, self.engine.now())}"
            text = f"{status.name}: {stands}, {who}\n{status.detail}{broken}"
        self.about.update(Content(text))

    def off(self, action: Action) -> str:
        return "no account is configured" if action.acts and self.list.selected is None else ""

    async def action_retry(self) -> None:
        if name := self.list.selected:
            await self.engine.retry_account(name)
            self.say(f"trying {name} again")

    def action_back(self) -> None:
        self.app.switch_mode("queue")
