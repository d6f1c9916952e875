"""The checks on a reply, said in lines."""

from __future__ import annotations

from modtui.domain.commands import Command, Reply
from modtui.domain.views import ThreadDetail
from modtui.domain.wording import blocking
from modtui.plain.seat import Seat
from modtui.plain.speech import said

Commands = tuple[Command, ...]


def goes_out(seat: Seat, detail: ThreadDetail, commands: Commands) -> str:
    """Return the text of the reply with what a help route adds to it."""
    out = seat.engine.wording.outgoing(detail, commands)
    return next(command.text for command in out if isinstance(command, Reply))


def refused(seat: Seat, detail: ThreadDetail, commands: Commands) -> str:
    """Return which words a check blocks, and why; "" where none does."""
    found = blocking(seat.engine.wording.findings(detail, commands))
    return "; ".join(said(each.line) for each in found)


async def agreed(seat: Seat, detail: ThreadDetail, commands: Commands) -> bool:
    """Say what the checks find; return whether it is to be done all the same, where it can be."""
    found = seat.engine.wording.findings(detail, commands)
    if not found:
        return True
    if why := refused(seat, detail, commands):
        seat.talk.say(f"Not done: {why}.")
        return False
    seat.talk.say(*(f"Check: {said(each.line)}." for each in found))
    return await seat.talk.confirm("Do it all the same?")
