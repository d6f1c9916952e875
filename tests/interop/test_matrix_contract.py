"""The contract of every connector, on a real Synapse."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.connectors.contract import ConnectorContract, Line
from tests.interop.stage import connected
from tests.interop.synapse import Scene, ServerError, Synapse

pytestmark = pytest.mark.interop


class TestMatrix(ConnectorContract):
    @pytest.fixture
    async def line(self, synapse: Synapse, scene: Scene) -> AsyncIterator[Line]:
        wish = {"preset": "public_chat", "room_alias_name": "staff"}
        with contextlib.suppress(ServerError):
            synapse.call("POST", "/_matrix/client/v3/createRoom", "bob", wish)
        began = datetime.now(UTC)
        async with connected(synapse, rooms=[scene.room_id]) as matrix:
            batches = []
            async for batch in matrix.updates(None):
                batches.append(batch)
                if batch.caught_up:
                    break
            yield Line(matrix, batches, scene.insult, began)
