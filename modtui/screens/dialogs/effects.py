"""What a batch does after its reply, in a few words."""

from __future__ import annotations

from modtui.domain.commands import Command, Reply, Then
from modtui.domain.views import ThreadDetail
from modtui.domain.words import act

FOLLOWS = {
    Then.WAIT: "wait for the author",
    Then.DONE: "done",
    Then.OPEN: "stays open",
}


def effect(command: Command) -> str:
    """Return what a command of the batch does; a reply says where it leaves the thread."""
    if isinstance(command, Reply):
        return f"reply, then: {FOLLOWS[command.then]}"
    return act(command)


def whose_name(detail: ThreadDetail) -> str:
    """Return once more whose name a first public reply on the account bears; later on, ""."""
    if not detail.first_reply:
        return ""
    us, account = detail.our_name, detail.row.account
    return f"first public reply as {us} on {account}: everyone sees this name · "
