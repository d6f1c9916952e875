"""Escalation: hand the thread to the team that owns this kind of problem."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.asking import preselected
from modtui.domain.commands import Escalate
from modtui.domain.settings import Team
from modtui.screens.dialogs.panel import ThreadPanel
from modtui.widgets.choice import Choice, Pick


class EscalateDialog(ThreadPanel):
    """Returns an Escalate; the team is told where its `reach` says."""

    BINDINGS = [
        Binding("enter", "confirm", "escalate", id="escalate.confirm", show=False, priority=True)
    ]

    def hints(self) -> str:
        return "Enter escalates   Tab team or note   ←→ pick   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "Escalate [b]$title[/b] · it then leaves the queue only when it is resolved",
            title=self.detail.row.title,
        )

    def panel(self) -> ComposeResult:
        teams = self.engine.desk.teams
        if not teams:
            yield Static(Content("No team is configured: add a [[team]] to config.toml."))
            return
        picks = tuple(Pick(team.name, team.name) for team in teams)
        yield Choice("team", picks, start=preselected(teams, self.detail), id="team")
        yield Static(id="raci")
        yield Input(self.words, placeholder="what they need to know and to do", id="note")

    def on_mount(self) -> None:
        if self.engine.desk.teams:
            self.query_one("#note", Input).focus()
            self.show_team()

    def on_choice_changed(self) -> None:
        self.show_team()

    def team(self) -> Team:
        return self.engine.desk.teams[self.query_one(Choice).chosen]

    def show_team(self) -> None:
        team = self.team()
        told = (
            f"told through {team.reach.account} {team.reach.channel}".rstrip()
            if team.reach
            else "nobody is told: the team has no reach in config.toml"
        )
        raci = f"does: {', '.join(team.responsible)} · answers for it: {team.accountable}"
        asked = f" · asked: {', '.join(team.consulted)}" if team.consulted else ""
        informed = f" · informed: {', '.join(team.informed)}" if team.informed else ""
        self.query_one("#raci", Static).update(Content(f"{raci}{asked}{informed}\n{told}"))

    def action_confirm(self) -> None:
        if not self.engine.desk.teams:
            return
        note = self.query_one("#note", Input).value.strip()
        if not note:
            self.say("Write a note: a team that must ask what it is about loses the time you save.")
            return
        command = Escalate(
            thread=self.thread, revision=self.revision, team=self.team().name, note=note
        )
        self.dismiss((command,))
