"""sync and drain: intake and deliveries without a screen."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass, replace

import click

from modtui.cli import plain
from modtui.cli.compose import Setup, engine, set_up
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import code_of, failing
from modtui.cli.unlocking import unlock
from modtui.domain.views import AccountStatus, Change


@click.command()
@click.option("--once", is_flag=True, help="Read every account to its present end, then stop.")
def sync(once: bool) -> int:
    """Keep intake and deliveries going without a screen."""
    with failing():
        setup = _configured()
        if once:
            return _tell(asyncio.run(_once(setup, intake=True)))
        asyncio.run(_serve(setup))
    return Exit.DONE


@click.command()
def drain() -> int:
    """Finish what is queued for the platforms, then stop."""
    with failing():
        return _tell(asyncio.run(_once(_configured(), intake=False)))


def _configured() -> Setup:
    setup = set_up()
    if not setup.accounts:
        raise Failure(Exit.CONFIGURATION, "no account is configured: modtui init")
    unlock(setup)
    return setup


@dataclass(frozen=True, slots=True)
class _End:
    """What stopped an account, or None; and what there is to say of it where nothing did."""

    name: str
    error: Exception | None
    done: str


async def _once(setup: Setup, *, intake: bool) -> tuple[_End, ...]:
    async with engine(setup, intake=intake) as (live, _):
        ends = await live.sync_once()
        told = {each.name: _outcome(each) for each in live.accounts()}
        return tuple(_End(name, error, told[name]) for name, error in ends)


def _outcome(account: AccountStatus) -> str:
    """Return what there is to say of an account that nothing stopped."""
    if account.elsewhere:
        return account.detail
    return f"done, {account.news}" if account.news else "done"


def _tell(ends: tuple[_End, ...]) -> int:
    """Print how each account ended; the code is that of the first that failed."""
    code = Exit.DONE
    for end in ends:
        name, error = end.name, end.error
        if error is None:
            plain.say(f"{name}: {end.done}")
            continue
        plain.warn(f"{name}: {error}")
        code = code or code_of(error)
    return code


async def _serve(setup: Setup) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    told: dict[str, AccountStatus] = {}
    async with engine(setup) as (live, _):

        def tell(change: Change | None = None) -> None:
            for status in live.accounts():
                last = told.get(status.name)
                if last is None or (last.health, last.detail) != (status.health, status.detail):
                    tail = f": {status.detail}" if status.detail else ""
                    plain.say(f"{status.name}: {status.health.value}{tail}")
                if status.news and (last is None or last.news != status.news):
                    plain.say(f"{status.name}: {status.news}")
                told[status.name] = replace(status)

        live.subscribe(tell)
        await live.start()
        try:
            tell()
            await stopped.wait()
        finally:
            await live.stop()
