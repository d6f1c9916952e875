"""sync and drain: intake and deliveries without a screen."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from threading import Timer

import click

from modtui.cli import plain
from modtui.cli.carried import Carried, Log
from modtui.cli.changed import ChangedRules
from modtui.cli.compose import Setup, engine, set_up, wall
from modtui.cli.exits import Exit, Failure
from modtui.cli.failure import code_of, failing, need_memory
from modtui.cli.leaving import end_in
from modtui.cli.unlocking import unlock
from modtui.cli.unserved import unserved
from modtui.config import find_paths
from modtui.domain.trouble import NO_MEMORY, is_starved, trouble_line
from modtui.domain.views import AccountStatus, Change
from modtui.domain.words import to_go
from modtui.engine import Engine
from modtui.engine.keeper import Errand

CUT_SECONDS = 180.0
"""After which a drain is cut short, and a sync that has read everything. An account may take a
minute for its turn, and one for what is on its way; only a connector that does not return when it
is told to takes longer."""
SILENCE_SECONDS = 180.0
"""After which an account of which nothing comes, while it is read, is read no further."""
LOOK_SECONDS = 1.0
STOP_SECONDS = 1.7
"""After which stopping is cut short, where a connector does not return."""


@click.command()
@click.option("--once", is_flag=True, help="Read every account to its present end, then stop.")
def sync(once: bool) -> int:
    """Keep intake and deliveries going without a screen."""
    with failing():
        setup, is_short = _configured(), need_memory()
        if once:
            return _sync_once(setup)
        asyncio.run(_serve(setup, is_short))
    return Exit.DONE


def _sync_once(setup: Setup) -> int:
    """Read every account; what hangs once that is done is cut short, however long it took."""
    bounds: list[Timer] = []
    try:
        left = _names(setup)
        read = partial(_begin, bounds, left)
        return _tell(asyncio.run(_once(setup, intake=True, left=left, read=read)))
    finally:
        for bound in bounds:
            bound.cancel()


def _begin(bounds: list[Timer], left: list[str]) -> None:
    bounds.append(_bound("sync", plain.warn, left))


def _names(setup: Setup) -> list[str]:
    return [account.name for account in setup.accounts]


@click.command()
@click.option("--detached", is_flag=True, hidden=True)
def drain(detached: bool) -> int:
    """Finish what is queued for the platforms, then stop."""
    if detached:
        return _drain_alone()
    with failing():
        setup = _configured()
        need_memory()
        left = _names(setup)
        cut_short = _bound("drain", plain.warn, left)
        try:
            return _tell(asyncio.run(_once(setup, intake=False, left=left)))
        finally:
            cut_short.cancel()


def _drain_alone() -> int:
    """Drain without a terminal, as after a hang-up: what is said goes to `drain.log`."""
    log = Log(find_paths(os.environ).state / "drain.log", wall)
    log.say(f"drain {os.getpid()}: begins")
    left = list[str]()
    cut_short = _bound("drain", log.say, left)
    try:
        with failing():
            setup = _configured()
            left += _names(setup)
            ends = asyncio.run(_once(setup, intake=False, left=left, say=log.say))
            code = _tell(ends, log.say)
    except Failure as failure:
        log.say(f"drain {os.getpid()}: {failure}")
        raise
    finally:
        cut_short.cancel()
    log.say(f"drain {os.getpid()}: ends")
    return code


def _bound(command: str, say: Callable[[str], None], left: Sequence[str]) -> Timer:
    """See to it that this command ends, unless what is returned is cancelled; it says so first, and
    which accounts are `left` then."""

    def late() -> None:
        who = f"{', '.join(left) or 'an account'} {'do' if len(left) > 1 else 'does'} not return"
        what = f"{who}; modtui deliveries shows what is left"
        say(f"{command} {os.getpid()}: cut short: {what}")

    return end_in(CUT_SECONDS, Exit.PLATFORM, late)


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


async def _once(
    setup: Setup,
    *,
    intake: bool,
    left: list[str],
    say: Callable[[str], None] | None = None,
    read: Callable[[], None] | None = None,
) -> tuple[_End, ...]:
    """Serve every account to its present end; what is served is taken out of `left`. `say` is told
    what became of each delivery, `read` is called once nothing is left to be read."""
    async with engine(setup, intake=intake) as (live, store):
        carried, tell = Carried(store), say or (lambda line: None)
        for line in await carried.look():
            tell(line)
        wait = partial(_tell_wait, say or plain.warn)
        ends = await live.sync_once(read, Errand(SILENCE_SECONDS, wait, left.remove))
        for line in await carried.look():
            tell(line)
        told = {each.name: _outcome(each) for each in live.accounts()}
        gone = await store.read(lambda tx: unserved(setup, tx))
        served = tuple(_End(name, error, told[name]) for name, error in ends)
        return (*served, *(_End(name, error, "") for name, error in gone.items()))


def _tell_wait(say: Callable[[str], None], account: str, why: str) -> None:
    say(f"{account}: {why}")


def _outcome(account: AccountStatus) -> str:
    """Return what there is to say of an account that nothing stopped."""
    if account.elsewhere:
        return account.detail
    return f"done, {account.news}" if account.news else "done"


def _tell(ends: tuple[_End, ...], say: Callable[[str], None] | None = None) -> int:
    """Print, or `say`, how each account ended; the code is that of the first that failed."""
    code = Exit.DONE
    for end in ends:
        name, error = end.name, end.error
        if error is None:
            (say or plain.say)(f"{name}: {end.done}")
            continue
        (say or plain.warn)(f"{name}: {NO_MEMORY if is_starved(error) else error}")
        code = code or code_of(error)
    return code


def _until_signal() -> asyncio.Event:
    """Return what is set by the signal that ends us. From then on our time is short."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        stopped.set()
        end_in(STOP_SECONDS, Exit.DONE)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Who ignores it, as nohup has us do, goes on when the line is lost.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop)
    return stopped


def _stands(status: AccountStatus) -> str:
    """Return how an account stands, until when, and why."""
    tail = f": {status.detail}" if status.detail else ""
    return f"{status.health.value}{to_go(status.until, wall())}{tail}"


async def _until_ended(stopped: asyncio.Event, live: Engine, is_short: Callable[[], bool]) -> None:
    """Wait for the signal that ends us. Raises Failure where the queue cannot be used any more, or
    memory is at its end."""
    while not stopped.is_set():
        trouble = live.trouble()
        if trouble is not None and not trouble.passes:
            raise Failure(Exit.CONFIGURATION, trouble_line(trouble, wall()))
        if is_short():
            raise Failure(Exit.CONFIGURATION, NO_MEMORY)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), LOOK_SECONDS)


async def _serve(setup: Setup, is_short: Callable[[], bool]) -> None:
    stopped = _until_signal()
    told: dict[str, AccountStatus] = {}
    async with engine(setup) as (live, store):
        carried, looked = Carried(store), asyncio.Event()

        async def follow() -> None:
            while True:
                await looked.wait()
                looked.clear()
                for line in await carried.look():
                    plain.say(line)

        def tell(change: Change | None = None) -> None:
            for status in live.accounts():
                last = told.get(status.name)
                if last is None or (last.health, last.detail) != (status.health, status.detail):
                    plain.say(f"{status.name}: {_stands(status)}")
                if status.news and (last is None or last.news != status.news):
                    plain.say(f"{status.name}: {status.news}")
                told[status.name] = replace(status)
            if change is None or change.deliveries or change.wide:
                looked.set()

        live.subscribe(tell)
        await live.start()
        rules = ChangedRules(setup, lambda: live.wording)
        following = asyncio.gather(follow(), rules.follow(plain.say))
        try:
            tell()
            for name, why in (await store.read(lambda tx: unserved(setup, tx))).items():
                plain.warn(f"{name}: {why}")
            await _until_ended(stopped, live, is_short)
        finally:
            await live.stop()
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            for line in await carried.look():
                plain.say(line)
