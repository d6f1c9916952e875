"""A rate limit that keeps what reads an account waiting, on every platform: it is shown as one,
with its end, and it is a time without sight of its own kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Connector, Schema, Socket
from modtui.connectors.twitch.offers import KINDS
from modtui.domain.model import Health
from modtui.domain.views import AccountStatus
from modtui.engine.accounts import AccountSpec
from modtui.engine.deliver import ref_of
from modtui.engine.live import LiveEngine
from modtui.engine.seen import account_status
from modtui.store import Store
from tests.connectors.listening import settle
from tests.connectors.platform import START
from tests.connectors.test_budgets import Door
from tests.connectors.test_unanswered import ACCOUNT, STAGES, FarEnd, pass_by
from tests.connectors.wire import Stage
from tests.engine.rig import Rig, Time, status, until

WAIT = 150
# One that asks by REST each minute, though its gateway stands.
LIMITING: dict[str, Callable[[], Stage]] = {**STAGES, "discord": Door}
PUSHED = ("twitch",)
"""Asked for nothing while its line stands."""


def refusal(name: str) -> httpx.Response:
    """What a platform answers to one request too many."""
    body: dict[str, Any] = {
        "matrix": {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": WAIT * 1000},
        "discourse": {"errors": ["too many"], "extras": {"wait_seconds": WAIT}},
        "discord": {"message": "You are being rate limited.", "retry_after": float(WAIT)},
    }.get(name, {})
    headers = {"Retry-After": str(WAIT)} if not body else {}
    if name == "discord":
        headers["X-RateLimit-Global"] = "true"
    if name == "discourse":
        headers["Discourse-Rate-Limit-Error-Code"] = "ip_60_secs_limit"
    return httpx.Response(429, json=body, headers=headers)


class Limiting(FarEnd):
    """A far end that answers, while it is `strict`, only that this was too much; it closes the
    next line, once it is opened, with the code `shut`."""

    strict = ""
    shut = 0

    async def dial(self, url: str) -> Socket:
        line = await super().dial(url)
        if self.shut:
            self.lines[-1].break_off(self.shut)
            self.shut = 0
        return line

    def answer(self, request: httpx.Request) -> httpx.Response:
        return refusal(self.strict) if self.strict else super().answer(request)


class Entering(Limiting):
    """One on which the last subscription is answered once it `enters`; it `waits` before that."""

    def __init__(self, stage: Stage, time: Time) -> None:
        super().__init__(stage, time)
        self.waits, self.enters = asyncio.Event(), asyncio.Event()

    async def asked(self, request: httpx.Request) -> None:
        await super().asked(request)
        if KINDS[-1].type.encode() in request.content:
            self.waits.set()
            await self.enters.wait()


@dataclass
class Place:
    """An account that is read, and how often its reading began."""

    far: Limiting
    store: Store
    engine: LiveEngine
    connector: Connector
    begun: list[str | None]

    @property
    def status(self) -> AccountStatus:
        return status(self.engine, ACCOUNT)

    async def comes_to(self, health: Health, seconds: int) -> None:
        """Let up to `seconds` go by until the account stands so."""
        for _ in range(seconds):
            await pass_by(self.store, self.far, 1)
            if self.status.health is health:
                return
        raise AssertionError(f"{self.status} after {seconds} s")

    async def blind(self) -> list[tuple[str, bool]]:
        """The times without sight that are kept: which kind, and whether it is over."""
        times = await self.store.read(lambda tx: tx.blind_since(START))
        return [(one.kind, one.end is not None) for one in times]

    async def limited(self) -> list[bool]:
        """Of those for a rate limit, whether each is over."""
        return [over for kind, over in await self.blind() if kind == "rate-limited"]

    async def told_elsewhere(self) -> AccountStatus:
        """How another process says that the account stands."""
        now = self.far.time.now()
        return await self.store.read(lambda tx: account_status(tx, ACCOUNT, "any", now))


@asynccontextmanager
async def reading(name: str, folder: Path, end: type[Limiting] = Limiting) -> AsyncIterator[Place]:
    """An account of the platform, live."""
    rig, stage = Rig(folder), LIMITING[name]()
    rig.time.at = START
    stage.flag(2)
    far, made, begun = end(stage, rig.time), list[Connector](), list[str | None]()

    async def build() -> Connector:
        connector = stage.connect()
        updates = connector.updates

        def counted(cursor: str | None) -> AsyncIterator[Batch]:
            begun.append(cursor)
            return updates(cursor)

        connector.updates = counted  # type: ignore[method-assign]
        made.append(connector)
        return connector

    store = rig.store()
    engine = rig.engine(store, AccountSpec(ACCOUNT, name, Schema(name), build, watch=far.watch))
    await engine.start()
    try:
        await until(lambda: status(engine, ACCOUNT).health is Health.LIVE)
        yield Place(far, store, engine, made[0], begun)
    finally:
        await engine.stop()
        await store.close()


OPENED, LOOKED = "a thread is opened", "it is looked who we are"


async def too_much(place: Place, name: str, *what: str) -> None:
    """Somebody opens a thread, and looks who we are: each was one request too many."""
    record = await place.store.read(lambda tx: tx.thread(1))
    assert record is not None
    asks = {
        OPENED: lambda: place.connector.context(ref_of(record)),
        LOOKED: place.connector.identity,
    }
    for ask in (asks[each] for each in what):
        place.far.strict = name
        asking = asyncio.ensure_future(ask())
        await settle()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    place.far.strict = ""


@pytest.mark.parametrize("name", [name for name in LIMITING if name not in PUSHED])
async def test_a_reading_that_waits_for_its_rate_limit_says_so(name: str, tmp_path: Path) -> None:
    async with reading(name, tmp_path) as place:
        await too_much(place, name, OPENED, LOOKED)
        await it_is_told_and_goes_on(place, begun=1)


async def test_a_limit_that_comes_before_a_new_line_is_listed_for_is_waited_for(
    tmp_path: Path,
) -> None:
    async with reading("twitch", tmp_path, Entering) as place:
        far = place.far
        assert isinstance(far, Entering)
        await far.waits.wait()
        await too_much(place, "twitch", OPENED)
        far.lines[-1].break_off(1006)
        far.enters.set()
        await it_is_told_and_goes_on(place, begun=1)
        assert len(far.lines) == 2


async def test_a_line_that_was_lost_soon_is_begun_anew_and_waits_for_the_limit(
    tmp_path: Path,
) -> None:
    async with reading("twitch", tmp_path) as place:
        for _ in range(5):
            await pass_by(place.store, place.far, 1)
        await too_much(place, "twitch", OPENED)
        place.far.lines[-1].break_off(1006)
        told = await it_is_told_and_goes_on(place, begun=2)
        assert "no requests are left" in told
        assert len(place.far.lines) == 2


async def test_a_line_that_may_not_be_subscribed_to_is_begun_anew_after_the_limit(
    tmp_path: Path,
) -> None:
    async with reading("twitch", tmp_path) as place:
        # One that is lost after less than a minute would be begun anew for that alone.
        for _ in range(65):
            await pass_by(place.store, place.far, 1)
        await too_much(place, "twitch", OPENED)
        place.far.lines[-1].break_off(1006)
        told = await it_is_told_and_goes_on(place, begun=2)
        assert "what AutoMod holds meanwhile is not seen" in told
        assert len(place.far.lines) == 3


async def it_is_told_and_goes_on(place: Place, *, begun: int) -> str:
    """The account, whose limit was reached just now, is shown as limited with its end, and then
    read again, for which its reading began so often in all; return what was told."""
    free_at = place.far.time.now() + timedelta(seconds=WAIT)
    await place.comes_to(Health.RATE_LIMITED, 100)
    stands = place.status
    assert stands.until is not None
    assert timedelta() <= stands.until - free_at <= timedelta(seconds=1)
    assert stands.detail
    assert stands.stale_since == stands.last_ok_at

    async def kept() -> bool:
        told = await place.told_elsewhere()
        same = (told.health, told.until, told.detail)
        return same == (stands.health, stands.until, stands.detail)

    async def blind() -> bool:
        return await place.limited() == [False]

    # What pushes may have told of the same limit a moment before.
    await until(kept)
    await until(blind)

    await place.comes_to(Health.LIVE, WAIT + 60)
    assert place.far.time.now() >= free_at
    assert len(place.begun) == begun
    assert place.status.until is None

    async def ended() -> bool:
        return await place.limited() == [True]

    await until(ended)

    async def over() -> bool:
        return (await place.told_elsewhere()).until is None

    await until(over)
    return stands.detail


@pytest.mark.parametrize("name", LIMITING)
async def test_a_reading_that_is_refused_for_its_rate_says_so(name: str, tmp_path: Path) -> None:
    async with reading(name, tmp_path) as place:
        for _ in range(5):
            await pass_by(place.store, place.far, 1)
        place.far.strict = name
        for line in place.far.lines:
            line.break_off(1006)
        await place.comes_to(Health.RATE_LIMITED, 100)
        until_at = place.status.until
        assert until_at is not None
        left = until_at - place.far.time.now()
        assert timedelta(seconds=WAIT - 2) <= left <= timedelta(seconds=WAIT + 1)
        # Twitch's line breaks first, and only then is it asked for another one.
        before = [("disconnected", True)] if name in PUSHED else []
        await until(lambda: _is(place, [*before, ("rate-limited", False)]))
        place.far.strict = ""
        await place.comes_to(Health.LIVE, WAIT + 90)
        await until(lambda: _is(place, [*before, ("rate-limited", True)]))


async def test_a_gateway_that_may_not_be_entered_says_so_while_channels_are_read(
    tmp_path: Path,
) -> None:
    async with reading("discord", tmp_path) as place:
        far, spent = place.far, {"total": 1000, "remaining": 0, "reset_after": WAIT * 1000}
        platform = far._platform
        for _ in range(5):
            await pass_by(place.store, far, 1)
        platform.override["GET .*/gateway/bot"] = lambda request: {
            "url": "wss://gateway.discord.gg", "session_start_limit": spent,
        }  # fmt: skip
        # The session is over, so that a new one is needed.
        far.lines[-1].break_off(4009)
        await place.comes_to(Health.RATE_LIMITED, 100)
        free_at, told = place.status.until, place.status.detail
        assert free_at is not None
        assert free_at - far.time.now() == timedelta(seconds=WAIT)
        assert "connections of the day" in told

        async def kept() -> bool:
            elsewhere = await place.told_elsewhere()
            same = (elsewhere.health, elsewhere.until, elsewhere.detail)
            return same == (Health.RATE_LIMITED, free_at, told)

        await until(kept)
        platform.override.clear()
        heard_at = place.status.last_ok_at
        while far.time.now() < free_at:
            assert place.status.health is Health.RATE_LIMITED
            assert await kept()
            await pass_by(place.store, far, 1)
        # What is asked for by REST was read all the while: nothing was out of sight.
        assert heard_at is not None
        assert place.status.last_ok_at is not None
        assert place.status.last_ok_at > heard_at
        assert await place.limited() == []
        await place.comes_to(Health.LIVE, 2)
        over_at = far.time.now()
        await until(lambda: _seen(place))
        assert far.time.now() - over_at < timedelta(seconds=5)
        # With the next look by REST the gateway is entered again.
        for _ in range(70):
            await pass_by(place.store, far, 1)
        await until(lambda: _seen(place))
        assert (len(place.begun), len(far.lines)) == (1, 2)


async def test_a_gateway_that_was_entered_too_often_rests_for_a_minute(tmp_path: Path) -> None:
    async with reading("discord", tmp_path) as place:
        far = place.far
        for _ in range(5):
            await pass_by(place.store, far, 1)
        far.shut = 4008
        far.lines[-1].break_off(4008)
        await place.comes_to(Health.RATE_LIMITED, 100)
        assert place.status.until is not None
        assert place.status.until - far.time.now() == timedelta(minutes=1)
        assert "entered too often" in place.status.detail
        assert len(far.lines) == 2
        await place.comes_to(Health.LIVE, 100)


async def _seen(place: Place) -> bool:
    told = await place.told_elsewhere()
    return (told.health, told.until) == (Health.LIVE, None)


async def _is(place: Place, times: list[tuple[str, bool]]) -> bool:
    return await place.blind() == times
