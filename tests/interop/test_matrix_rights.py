"""The matrix connector against a real Synapse: rights, refusals and broken lines."""

from urllib.parse import urlsplit

import pytest

from modtui.connectors import (
    Rejected,
    Retryable,
    Unauthorized,
    Unknown,
)
from modtui.domain.commands import (
    Capability,
    Lock,
    Reply,
)
from tests.interop.faultproxy import Fault, FaultProxy, Plan
from tests.interop.stage import ON, connected, ref, until
from tests.interop.synapse import Scene, Synapse

pytestmark = pytest.mark.interop


async def test_identity_tells_the_real_rights(synapse: Synapse, scene: Scene) -> None:
    async with connected(synapse, rooms=[scene.room_id]) as matrix:
        who = await matrix.identity()
        assert (who.remote_id, who.role) == ("@admin:modtui.test", "server admin")
        assert who.cannot == ()
        assert Capability.READ_ONLY in matrix.capabilities.offers
    async with connected(synapse, "mod", rooms=[scene.room_id]) as matrix:
        who = await matrix.identity()
        words = " ".join(who.cannot)
        assert "not a Synapse server admin" in words
        assert "needs power 100; this account has 50" in words
        missing = matrix.capabilities.missing
        assert "needs power 100" in missing[Capability.READ_ONLY]
        assert "needs power 100" in missing[Capability.MUTE]
        assert Capability.HIDE in matrix.capabilities.offers
        with pytest.raises(Rejected, match="not a Synapse server admin: reports cannot be listed"):
            await until(matrix, None, lambda batch: True)
        with pytest.raises(Rejected, match="this needs power 100 in #room"):
            await matrix.perform(ref(scene, scene.spam), Lock(**ON, reason="x"), "k")


async def test_a_wrong_token_and_an_unreachable_host_differ(synapse: Synapse, scene: Scene) -> None:
    async with connected(synapse, token="wrong") as matrix:
        with pytest.raises(Unauthorized):
            await matrix.identity()
        with pytest.raises(Unauthorized):
            await until(matrix, None, lambda batch: True)
    async with FaultProxy(("127.0.0.1", 1)) as proxy:
        gone = proxy.url
    async with connected(synapse, url=gone) as matrix:
        with pytest.raises(Retryable, match="cannot reach"):
            await matrix.identity()
        with pytest.raises(Retryable):
            await matrix.perform(ref(scene, scene.spam), Reply(**ON, text="x"), "k")


@pytest.mark.parametrize("fault", [Fault.DROP_REPLIES, Fault.CUT_AFTER, Fault.RESET])
async def test_a_lost_answer_is_unknown_and_the_same_key_does_it_once(
    synapse: Synapse, scene: Scene, fault: Fault
) -> None:
    where = ref(scene, scene.insult, scene.root)
    command = Reply(**ON, text=f"through {fault.value}")
    upstream = ("127.0.0.1", urlsplit(synapse.url).port or 0)
    async with FaultProxy(upstream) as proxy, connected(synapse, url=proxy.url) as matrix:
        await matrix.identity()
        proxy.plan = Plan((fault,))
        with pytest.raises(Unknown):
            await matrix.perform(where, command, "key-18")
        proxy.plan = Plan()
        receipt = await matrix.perform(where, command, "key-18")
    said = [e for e in synapse.messages(scene.room_id) if e["content"].get("body") == command.text]
    assert [e["event_id"] for e in said] == [receipt.remote_id]
