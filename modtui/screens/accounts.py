"""Accounts: how each connector stands, in words, and what was kept aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from modtui.domain.model import Health
from modtui.domain.views import AccountStatus, Change
from modtui.screens.deliveries import age
from modtui.widgets.id_list import IdList, Line
from modtui.widgets.lines import FirstLine, KeyLine, StatusLine

if TYPE_CHECKING:
    from modtui.app import ModTui


class AccountsScreen(Screen[None]):
    """One line an account; the one under the cursor is explained below."""

    app: ModTui
    DEFAULT_CSS = """
    AccountsScreen #about { height: 7; border-top: solid $primary; }
    """
    BINDINGS = [
        Binding("r", "retry", "try again now", id="accounts.retry"),
        Binding("q,escape", "back", "back to the queue", id="accounts.back"),
    ]

    def compose(self) -> ComposeResult:
        yield FirstLine()
        yield IdList(id="accounts")
        yield Static(id="about")
        yield StatusLine()
        yield KeyLine("j k move   r try again now   q back")

    def on_mount(self) -> None:
        self.app.changed.subscribe(self, self.on_change)
        self.set_interval(5, self.reload)
        self.query_one(IdList).focus()

    def on_screen_resume(self) -> None:
        self.reload()

    def on_change(self, change: Change) -> None:
        if self.is_current and (change.accounts or change.wide):
            self.reload()

    def line(self, status: AccountStatus) -> Line:
        now = self.app.engine.now()
        heard = f"heard {age(status.last_ok_at, now)} ago" if status.last_ok_at else "not heard yet"
        waiting = f"  {status.backlog} to send" if status.backlog else ""
        aside = f"  {status.quarantined} kept aside" if status.quarantined else ""
        where = "  (another modtui serves it)" if status.elsewhere else ""
        text = (
            f" {status.name:<14.14} {status.connector:<10.10} {status.health.value:<14} "
            f"{heard:<20}{waiting}{aside}{where}"
        )
        well = status.health in (Health.LIVE, Health.STARTING)
        return Line(status.name, text, urgent=not well)

    def reload(self) -> None:
        if self.is_current:
            accounts = self.app.engine.accounts()
            self.query_one(IdList).lines = tuple(self.line(status) for status in accounts)
            self.show_about()

    @on(IdList.Selected)
    def selection(self) -> None:
        self.show_about()

    @work(exclusive=True, group="about")
    async def show_about(self) -> None:
        name = self.query_one(IdList).selected
        status = next((s for s in self.app.engine.accounts() if s.name == name), None)
        if status is None:
            text = "No account is configured: modtui init adds one."
        else:
            aside = [q for q in await self.app.engine.quarantined() if q.account == name][:3]
            broken = "".join(f"\nkept aside: {q.where}: {q.why}" for q in aside)
            who = f"as {status.identity}" if status.identity else "identity not known yet"
            since = age(status.since, self.app.engine.now())
            text = (
                f"{status.name}: {status.health.value} for {since}, {who}\n{status.detail}{broken}"
            )
        self.query_one("#about", Static).update(Content(text))

    @work(exclusive=True, group="retry")
    async def action_retry(self) -> None:
        if name := self.query_one(IdList).selected:
            await self.app.engine.retry_account(name)
            self.query_one(KeyLine).say(f"Trying {name} again.")

    def action_back(self) -> None:
        self.app.switch_mode("queue")
