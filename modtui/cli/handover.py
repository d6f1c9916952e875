"""handover: the text of the end of a shift, and its defaults done."""

from __future__ import annotations

import click

from modtui.cli import plain, shapes
from modtui.cli.compose import engine, run_async, set_up
from modtui.cli.delivering import Bench, Taken, connected, deliver
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import failing
from modtui.cli.options import Patience, acting
from modtui.cli.outbox import find_delivery
from modtui.cli.reading import AS_JSON
from modtui.domain.shift import HandedOver, Leaving, decided, write


@click.command()
@AS_JSON
@click.option("--to", default="", help="Who takes over what you hold.")
@click.option("--send", is_flag=True, help="Do it: release or transfer what you hold, tell them.")
@click.option("--last", is_flag=True, help="The latest hand-over by anyone, as it was written.")
@acting
def handover(patience: Patience, to: str, *, as_json: bool, send: bool, last: bool) -> int:
    """Say how you would leave your shift.

    --send hands it over with the defaults.
    """
    if send and (last or as_json):
        raise Failure(Exit.USAGE, "--send goes with neither --last nor --json")
    if send:
        return deliver(lambda bench: _hand_over(bench, to.strip()), patience)
    with failing():
        return run_async(_latest(as_json) if last else _text(to.strip(), as_json))


async def _hand_over(bench: Bench, to: str) -> Taken:
    shift = bench.engine.shift
    reach = bench.setup.config.desk.handover
    if reach is not None:
        await connected(bench, {reach.account})
    leaving = await shift.leaving()
    decisions = decided(leaving, {}, to)
    done = await shift.hand_over(leaving, decisions, write(leaving, decisions, to), to)
    rows = () if done.delivery is None else (await find_delivery(bench, done.delivery),)
    plain.say(done.text)
    if leaving.unsent:
        plain.warn(leaving.unsent)
    return Taken((f"hand-over{f' to {to}' if to else ''}",), rows)


async def _text(to: str, as_json: bool) -> int:
    async with engine(set_up(), intake=False) as (live, _):
        leaving = await live.shift.leaving()
    if as_json:
        shapes.print_json(_document(leaving, to))
    else:
        plain.say(write(leaving, decided(leaving, {}, to), to))
    return Exit.DONE


def _document(leaving: Leaving, to: str) -> shapes.Doc:
    decisions = decided(leaving, {}, to)
    return {
        "by": leaving.by,
        "to": to or None,
        "at": leaving.at,
        "since": leaving.since,
        "channel": leaving.reach and {
            "account": leaving.reach.account,
            "channel": leaving.reach.channel,
        },
        "unsent": leaving.unsent or None,
        "items": [
            {
                "part": item.part,
                "thread": item.thread or None,
                "delivery": item.delivery,
                "title": item.title,
                "place": item.place,
                "says": item.says,
                "url": item.url,
                "fate": decisions[item.id].fate,
                "to": decisions[item.id].to or None,
            }
            for item in leaving.items
        ],
        "text": write(leaving, decisions, to),
    }  # fmt: skip


async def _latest(as_json: bool) -> int:
    async with engine(set_up(), intake=False) as (live, _):
        done = await live.shift.last()
    if done is None:
        raise Failure(Exit.FAILED, "nothing was handed over yet")
    if as_json:
        shapes.print_json(_past(done))
    else:
        plain.say(done.text)
    return Exit.DONE


def _past(done: HandedOver) -> shapes.Doc:
    return {
        "by": done.by,
        "to": done.to or None,
        "at": done.at,
        "text": done.text,
        "delivery": done.delivery,
    }
