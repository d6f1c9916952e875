"""Who works on the reports of a subject: taken and given back.

Source: the lexicons tools.ozone.report.assignModerator and unassignModerator.
"""

from __future__ import annotations

from modtui.connectors import Stale, Unsupported
from modtui.connectors.http import RejectedByServer
from modtui.connectors.ozone.facts import Assignment, Report
from modtui.connectors.ozone.intake import Intake
from modtui.connectors.ozone.offers import NO_REPORTS
from modtui.connectors.ozone.session import Session, error_name
from modtui.domain.commands import Assign
from modtui.domain.text import clean_line


class Assigning:
    """Assigns reports to the account of `session`."""

    def __init__(self, session: Session, intake: Intake) -> None:
        self._session = session
        self._intake = intake

    async def assign(self, subject: str, command: Assign) -> str:
        """Assign every open report on `subject` to us, or give ours back; return what there is to
        say about that. Raises Stale where somebody else works on one and keeps it."""
        reports = await self._intake.open_reports(subject)
        if self._intake.has_reports is False:
            raise Unsupported(NO_REPORTS)
        if not reports:
            return "Ozone has not listed the report yet: nothing to assign"
        me = (await self._session.who()).did
        others = [one for one in reports if one.assignment and one.assignment.did != me]
        ours = [one for one in reports if one.assignment and one.assignment.did == me]
        if not command.on:
            for report in ours:
                await self._tell("unassignModerator", report)
            return "unassigned" if ours else "not ours any more"
        if others and not command.over:
            raise Stale(f"{name_of(others[0].assignment)} works on it in Ozone")
        for report in others:
            await self._tell("unassignModerator", report)
        for report in reports:
            if report not in ours:
                await self._tell("assignModerator", report, isPermanent=True)
        return "assigned"

    async def _tell(self, name: str, report: Report, **more: bool) -> None:
        told = {"reportId": report.id, **more}
        try:
            await self._session.tell(f"tools.ozone.report.{name}", told)
        except RejectedByServer as error:
            if error_name(error) in ("AlreadyAssigned", "InvalidStateTransition"):
                raise Stale("somebody else has just taken it in Ozone") from error
            raise


def name_of(one: Assignment | None) -> str:
    """Return who is assigned, by the handle if it is told."""
    if one is None:
        return ""
    profile = one.moderator.profile if one.moderator else None
    shown = f"@{profile.handle}" if profile and profile.handle else one.did
    return str(clean_line(shown, limit=60))
