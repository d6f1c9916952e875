"""status: what a lead wants to know, from the store alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import click

from modtui.cli import plain, shapes, status_lines, status_shapes
from modtui.cli.compose import Setup, find_account, wall
from modtui.cli.reading import AS_JSON, accounts_of, read, stands
from modtui.domain.metrics import Narrow, Period, Report, Span
from modtui.domain.outbox import UNFINISHED
from modtui.domain.report import period_of, summarise
from modtui.engine.gather import Asked, Gathered, Ground, gather, scene
from modtui.engine.looks import look_began
from modtui.store import ReadTx

_MOST = 100_000


@dataclass(frozen=True, slots=True)
class _Read:
    """What one snapshot held."""

    document: shapes.Doc
    ground: Ground
    period: Period
    gathered: Gathered


@click.command()
@AS_JSON
@click.option(
    "--since",
    type=click.Choice([span.value for span in Span]),
    default=Span.LOOK.value,
    show_default=True,
    help="Your last look at Status, today, the last 7 or 28 days.",
)
@click.option("--account", help="Only this account.")
@click.option("--person", help="Only what this moderator holds or did.")
@click.option("--language", help="Only this language.")
def status(
    as_json: bool, since: str, account: str | None, person: str | None, language: str | None
) -> None:
    """Say how queue, people, platforms and outbox stand."""
    now, narrow = wall(), Narrow(account, person, language)

    async def work(setup: Setup, tx: ReadTx) -> _Read:
        if account is not None:
            find_account(setup, account)
        ground = _ground(setup)
        began = await look_began(tx, setup.me, now)
        period = period_of(Span(since), now, ground.zone, began.at, first=began.first)
        gathered = await gather(tx, ground, Asked(period, narrow))
        return _Read(await _document(setup, tx, now), ground, period, gathered)

    setup, found = read(work)
    report = _report(found, narrow)
    if as_json:
        numbers = status_shapes.report(report)
        shapes.print_json({**found.document, **numbers, "moderator": setup.me, "at": now})
        return
    _tell(setup, found.document, report, now)


def _ground(setup: Setup) -> Ground:
    config = setup.config
    names = tuple(a.name for a in setup.accounts if not a.kind.schema.notify_only)
    return Ground(config.desk.moderator.timezone, tuple(config.policies), names)


def _report(found: _Read, narrow: Narrow) -> Report:
    return summarise(scene(found.gathered, found.ground), found.period, narrow)


async def _document(setup: Setup, tx: ReadTx, now: datetime) -> shapes.Doc:
    states = dict.fromkeys(UNFINISHED, 0)
    for row in await tx.deliveries(states=UNFINISHED, limit=_MOST):
        states[row.state] += 1
    return {
        "counts": shapes.counts(await tx.counts(now, setup.me)),
        "accounts": await accounts_of(setup, tx),
        "deliveries": {state.value: number for state, number in states.items()},
        "restrictions": [
            {"channel": channel.name, **(shapes.restriction(channel.restriction) or {})}
            for _, channel in await tx.restrictions()
        ],
    }


def _count(name: str, number: int) -> str:
    one = name.removesuffix("s") if name == "drafts" and number == 1 else name
    return f"{number} {one.replace('_', ' ')}"


def _tell(setup: Setup, document: shapes.Doc, report: Report, now: datetime) -> None:
    zone = setup.config.desk.moderator.timezone
    counts = [
        _count(name, number)
        for name, number in document["counts"].items()
        if isinstance(number, int)
    ]
    plain.say(f"queue: {', '.join(counts)}")
    health: dict[str, str] = {}
    for account in document["accounts"]:
        health[account["name"]] = stands(account, now)
        plain.say(f"{account['name']} ({account['connector']}): {health[account['name']]}")
    unfinished = [f"{n} {s.replace('_', ' ')}" for s, n in document["deliveries"].items() if n]
    plain.say(f"deliveries: {', '.join(unfinished) or 'none on the way'}")
    for line in status_lines.lines(report, health, zone):
        plain.say(line)
