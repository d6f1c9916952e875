"""Deliveries that nobody carries: their account is in the configuration no more."""

from __future__ import annotations

from collections import Counter

from modtui.cli.compose import Setup
from modtui.cli.exits import Exit, Failure
from modtui.domain.outbox import UNFINISHED
from modtui.store import ReadTx


async def unserved(setup: Setup, tx: ReadTx) -> dict[str, Failure]:
    """Return what to say of each account that is gone and still has deliveries to carry."""
    known = {account.name for account in setup.accounts}
    waiting = await tx.deliveries(states=UNFINISHED)
    gone = Counter(row.account for row in waiting if row.account not in known)
    return {name: Failure(Exit.CONFIGURATION, _line(number)) for name, number in gone.items()}


def _line(number: int) -> str:
    wait, them = ("delivery waits", "it") if number == 1 else ("deliveries wait", "them")
    return (
        f"{number} {wait} and no account has this name any more: give one the name again,"
        f" or take {them} back in modtui (g d)"
    )
