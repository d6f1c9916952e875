"""Practice: everything but the sending, on a queue that is gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from modtui.cli import compose
from modtui.cli.compose import Setup, set_up
from modtui.cli.exits import Failure
from modtui.cli.practice import practising
from modtui.connectors import Connector, Environment, Factory, Kind
from modtui.connectors.demo.connector import Demo
from modtui.connectors.matrix import SCHEMA
from modtui.connectors.matrix.connector import create
from modtui.domain.commands import Command, Dismiss, Hide, Lock, Reply, Sanction, SanctionKind
from modtui.domain.outbox import PRACTICE, Delivery, DeliveryState
from modtui.domain.views import QueueFilter, ThreadDetail
from modtui.engine.live import LiveEngine
from tests.cli.shell import Shell
from tests.cli.standin import Ring
from tests.connectors.fakesynapse import FakeSynapse, message, report
from tests.engine.rig import until


async def practise(setup: Setup) -> tuple[Delivery, ...]:
    """Do one of everything to the first thread; return the deliveries as they ended."""
    async with compose.engine(setup) as (engine, _):
        assert engine.practice
        await engine.start()
        try:
            await until(lambda: engine.counts().open > 0)
            await engine.connected()
            detail = await first(engine)
            # A platform may offer less; what it does not have is refused before it is sent.
            for command in deeds(detail):
                await engine.submit([command], hold=False, force=True)

            async def ended() -> bool:
                rows = await engine.deliveries()
                return all(row.state is DeliveryState.SENT for row in rows if not row.not_before)

            await until(ended)
            assert {deed.state for deed in await engine.deeds.mine()} == {"practised, not sent"}
            return await engine.deliveries()
        finally:
            await engine.stop()


async def first(engine: LiveEngine) -> ThreadDetail:
    view = await engine.view(QueueFilter())
    detail = await engine.thread(view.id_at(0))
    assert detail is not None
    return detail


def deeds(detail: ThreadDetail) -> tuple[Command, ...]:
    on = {"thread": detail.row.id, "revision": detail.row.revision}
    post, author = detail.posts[0].remote_id, detail.record.thread.author.remote_id
    return (
        Reply(**on, text="We look into it"),
        Lock(**on, reason="heated"),
        Sanction(**on, sanction=SanctionKind.WARN, author=author, reason="rude", text="please"),
        Hide(**on, posts=(post,), author=author, finishes=False),
        Dismiss(**on, flags=tuple(flag.key for flag in detail.flags)),
    )


@pytest.fixture
def hub(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> tuple[Shell, FakeSynapse]:
    """A Matrix account on a stand-in that remembers every request."""
    synapse = FakeSynapse(reports=[report(1, "$e1")], events={"$e1": message("you are rude")})

    async def handle(request: httpx.Request) -> httpx.Response:
        if synapse.asked("GET .*/sync$") and request.url.path.endswith("/sync"):
            await asyncio.Event().wait()
        return synapse._handle(request)

    def load() -> Factory:
        def built(env: Environment) -> Connector:
            return create(replace(env, transport=httpx.MockTransport(handle)))

        return built

    monkeypatch.setattr("modtui.cli.compose.KINDS", {"matrix": Kind(SCHEMA, load)})
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    monkeypatch.setenv("MODTUI_CHAT_TOKEN", "t0ken")
    # What the stand-in reports is of a day of its own, however long ago that is.
    account = 'name = "chat"\nconnector = "matrix"\nurl = "https://ours.test"\nbacklog = "0"'
    shell.config(f"[[account]]\n{account}\n")
    return shell, synapse


def test_nothing_is_written_to_a_platform(
    hub: tuple[Shell, FakeSynapse], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell, synapse = hub

    async def never(*_: object, **__: object) -> None:
        raise AssertionError("performed in practice")

    monkeypatch.setattr("modtui.connectors.matrix.connector.Matrix.perform", never)
    monkeypatch.setattr("modtui.connectors.matrix.connector.Matrix.find", never)
    with practising(set_up()) as copy:
        rows = asyncio.run(practise(copy))
    assert {row.command.kind for row in rows} >= {"reply", "hide", "dismiss", "lock", "sanction"}
    assert all(row.receipt and row.receipt.evidence == PRACTICE for row in rows)
    assert synapse.calls
    assert {call.method for call in synapse.calls} == {"GET"}
    state = shell.home / "state"
    assert [file.name for file in state.iterdir()] == []


@contextmanager
def demo_that_must_not_perform(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("performed in practice")

    with monkeypatch.context() as patch:
        patch.setattr(Demo, "perform", never)
        patch.setattr(Demo, "find", never)
        yield


def test_the_real_queue_is_copied_and_left_as_it_was(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.config(
        '[[account]]\nname = "harbour"\nconnector = "demo"\nprofile = "forum"\n'
        "threads = 5\nrate = 0\n"
    )
    assert shell("sync", "--once").code == 0
    before = shell("queue", "--json").json["threads"]
    setup = set_up()

    async def serving() -> None:
        """The real queue is served all the while: its leases are not asked for."""
        async with compose.engine(setup) as (engine, store):
            await engine.start()
            try:
                await until(lambda: engine.accounts()[0].last_ok_at is not None)
                with practising(setup) as copy, demo_that_must_not_perform(monkeypatch):
                    assert len(await practise(copy)) >= 5
                lease = await store.read(lambda tx: tx.lease("account:harbour"))
                assert lease is not None
                assert lease.owner in str(engine._parts.runtime.session)
            finally:
                await engine.stop()

    asyncio.run(serving())
    assert shell("deliveries", "--json").json["deliveries"] == []
    after = shell("queue", "--json").json["threads"]
    assert [t["id"] for t in after] == [t["id"] for t in before]
    assert all(thread["state"] == "open" for thread in after)
    left = {file.name for file in (shell.home / "state").iterdir()}
    assert not {name for name in left if "practice" in name}


def test_two_do_not_practise_on_one_queue(desk: Shell) -> None:
    setup = set_up()
    with practising(setup) as copy:
        assert copy.paths.store.name == "practice.db"
        assert copy.paths.store.stat().st_mode & 0o777 == 0o600
        with pytest.raises(Failure, match="somebody practises here already"):
            practising(setup).__enter__()
        assert copy.paths.store.exists()
    with practising(setup) as copy:
        assert copy.practice
    assert not setup.practice


def test_practice_is_for_the_app_alone(shell: Shell) -> None:
    done = shell("--practice", "queue")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "it does not go with queue" in done.err
