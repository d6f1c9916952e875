"""claim, release, resolve, reopen, snooze, sensitive: what no platform hears of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from modtui.cli import plain
from modtui.cli.delivering import Bench, detail_of, local
from modtui.cli.exits import Exit, Failure
from modtui.cli.options import for_option, thread_argument
from modtui.domain.commands import Command, MarkSensitive, NotSensitive, Reopen, Resolve, Snooze
from modtui.domain.lane import NEEDS_OUTCOME


async def at_once(bench: Bench, command: Command) -> str:
    """Submit a command that is done when it is written; return what was done."""
    submitted = await bench.engine.submit([command], hold=False)
    return f"done: {', '.join(submitted.done)}"


@click.command()
@thread_argument
@click.option("--take-over", is_flag=True, help="Also when another moderator holds it.")
def claim(thread: str, take_over: bool) -> int:
    """Hold the thread for two minutes. Nobody else answers it meanwhile."""

    async def work(bench: Bench) -> str:
        row = (await detail_of(bench, thread)).row
        taking = bench.engine.take_over if take_over else bench.engine.claim
        held = await taking(row.id)
        if held.by != bench.setup.me:
            raise Failure(Exit.FAILED, f"{held.by} holds {row.title}: --take-over takes it")
        zone = bench.setup.config.desk.moderator.timezone
        return f"claimed {row.title} until {plain.at(held.until, zone)}"

    return local(work)


@click.command()
@thread_argument
def release(thread: str) -> int:
    """Give the thread back."""

    async def work(bench: Bench) -> str:
        row = (await detail_of(bench, thread)).row
        await bench.engine.release(row.id)
        return f"released {row.title}"

    return local(work)


@click.command()
@thread_argument
@click.option("--outcome", default="", help="How it ended, in words; the NOW lane needs it.")
def resolve(thread: str, outcome: str) -> int:
    """Call the thread done. Its flags on the platform stay as they are."""

    async def work(bench: Bench) -> str:
        row = (await detail_of(bench, thread)).row
        if row.now_at is not None and not outcome.strip():
            raise Failure(Exit.USAGE, f"{row.title}: {NEEDS_OUTCOME}: --outcome says it")
        return await at_once(bench, Resolve(thread=row.id, revision=row.revision, outcome=outcome))

    return local(work)


@click.command()
@thread_argument
def reopen(thread: str) -> int:
    """Take a resolved thread up again."""

    async def work(bench: Bench) -> str:
        row = (await detail_of(bench, thread)).row
        return await at_once(bench, Reopen(thread=row.id, revision=row.revision))

    return local(work)


@click.command()
@thread_argument
@for_option
@click.option("--until", "end", help="Until when: 2026-12-24T09:00, in your zone.")
def snooze(thread: str, span: timedelta | None, end: str | None) -> int:
    """Put the thread aside. Its reply clocks pause unless it is a first answer."""
    if (span is None) == (end is None):
        raise Failure(Exit.USAGE, "until when: either --for 2h or --until 2026-12-24T09:00")

    async def work(bench: Bench) -> str:
        row = (await detail_of(bench, thread)).row
        zone = bench.setup.config.desk.moderator.timezone
        moment = _moment(end, zone) if end else bench.engine.now() + (span or timedelta())
        await at_once(bench, Snooze(thread=row.id, revision=row.revision, until=moment))
        return f"snoozed {row.title} until {plain.at(moment, zone)}"

    return local(work)


@click.command()
@thread_argument
@click.option("--not", "why", metavar="WHY", help="It is not, and why: closes the help route.")
def sensitive(thread: str, why: str | None) -> int:
    """Put the thread into the NOW lane, and open its help route."""

    async def work(bench: Bench) -> str:
        row = (await detail_of(bench, thread)).row
        if why is not None:
            over = NotSensitive(thread=row.id, revision=row.revision, why=why)
            return await at_once(bench, over)
        return await at_once(bench, MarkSensitive(thread=row.id, revision=row.revision))

    return local(work)


def _moment(text: str, zone: str) -> datetime:
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(Exit.USAGE, f'"{text}" is not a moment: write 2026-12-24T09:00') from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)
