"""delivery and undo: what a human decides about a row of the outbox."""

from __future__ import annotations

from collections.abc import Sequence

import click

from modtui.cli import plain
from modtui.cli.delivering import Bench, Taken, connected, deliver, local
from modtui.cli.exits import Exit, Failure
from modtui.cli.options import Patience, acting
from modtui.domain.commands import NO_THREAD
from modtui.domain.outbox import FINAL, Delivery
from modtui.engine import Refused


async def find_delivery(bench: Bench, number: int) -> Delivery:
    """Return the row. Raises Failure (usage)."""
    row = await bench.store.read(lambda tx: tx.delivery(number))
    if row is None:
        raise Failure(Exit.USAGE, f"there is no delivery {number}: modtui deliveries lists them")
    return row


@click.command()
@click.argument("number", metavar="ID", type=int)
@click.option("--there", is_flag=True, help="It is there: count it as sent.")
@click.option("--again", is_flag=True, help="It is not there: send it again.")
@click.option("--drop", is_flag=True, help="Drop it; the text becomes a draft.")
@acting
def delivery(number: int, there: bool, again: bool, drop: bool, patience: Patience) -> int:
    """Settle a delivery whose outcome nobody could tell."""
    if there + again + drop != 1:
        raise Failure(Exit.USAGE, "look there first, then one of --there, --again and --drop")
    verdict = "there" if there else "again" if again else "drop"
    if verdict != "again":

        async def settle(bench: Bench) -> str:
            await find_delivery(bench, number)
            await bench.engine.settle(number, verdict)
            row = await find_delivery(bench, number)
            return f"delivery {number} is {row.state.value}"

        return local(settle)

    async def resend(bench: Bench) -> Taken:
        row = await find_delivery(bench, number)
        await connected(bench, {row.account})
        await bench.engine.settle(number, verdict)
        return Taken((), (row,))

    return deliver(resend, patience)


@click.command()
@click.argument("number", metavar="ID", type=int)
@click.option("--sure", is_flag=True, help="Also end what another may have set anew since.")
@acting
def undo(number: int, sure: bool, patience: Patience) -> int:
    """Take a delivery back with its batch. Where it was sent already, its opposite is done."""

    async def work(bench: Bench) -> Taken:
        row = await find_delivery(bench, number)
        if row.thread == NO_THREAD:
            raise Failure(Exit.USAGE, f"delivery {number} is a hand-over: write a new one instead")
        await connected(bench, {row.account})
        mine = await bench.store.read(lambda tx: tx.deliveries(thread=row.thread))
        _check_newest(row, mine)
        try:
            undone = await bench.engine.undo(row.thread, force=sure)
        except Refused as refusal:
            if not refusal.can_force:
                raise
            raise Failure(Exit.HUMAN, f"{refusal}: --sure takes it back all the same") from None
        after = await bench.store.read(lambda tx: tx.deliveries(thread=row.thread))
        known = {each.id for each in mine}
        plain.say(f"{undone.message}; {undone.of_text}" if undone.behind else undone.message)
        return Taken((), tuple(each for each in after if each.id not in known))

    return deliver(work, patience)


def _check_newest(row: Delivery, rows: Sequence[Delivery]) -> None:
    """Raise Failure when a later batch of the same thread would be taken back instead."""
    undone = {each.undoes for each in rows if each.undoes}
    later = [
        each
        for each in rows
        if each.by == row.by
        and each.batch != row.batch
        and each.created_at > row.created_at
        and each.undoes is None
        and each.not_before is None
        and each.id not in undone
        and (each.state not in FINAL or each.state.value == "sent")
    ]
    if later:
        raise Failure(
            Exit.USAGE,
            f"delivery {later[-1].id} on this thread came after it: undo that one first",
        )
