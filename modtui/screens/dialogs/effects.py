"""What a command of a batch does, in a few words."""

from __future__ import annotations

from modtui.domain.commands import Command, Escalate, Lock, Note, Reply, Resolve, SetSlowMode, Then
from modtui.screens.dialogs.panel import duration

FOLLOWS = {
    Then.WAIT: "wait for the author",
    Then.DONE: "done",
    Then.OPEN: "stays open",
}


def effect(command: Command) -> str:
    """What a command of the batch does, in a few words."""
    match command:
        case Reply(then=then):
            return f"reply, then: {FOLLOWS[then]}"
        case SetSlowMode(seconds=seconds):
            return f"slow mode {duration(seconds)}"
        case Lock():
            return "lock"
        case Resolve():
            return "done"
        case Escalate(team=team):
            return f"escalate to {team}"
        case Note():
            return "note for the team"
    return command.kind
