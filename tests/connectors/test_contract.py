"""The contract, on the three pretend platforms."""

from __future__ import annotations

import pytest

from modtui.connectors.demo.connector import Demo
from tests.connectors.contract import ConnectorContract, Line
from tests.connectors.hand import NOON, HandClock, opening


async def demo_line(profile: str, subject: str) -> Line:
    demo = Demo(HandClock().environment(profile=profile))
    reading = await opening(demo.updates(None))
    return Line(demo, reading.batches, subject, NOON)


class TestForum(ConnectorContract):
    @pytest.fixture
    async def line(self) -> Line:
        return await demo_line("forum", "t6")


class TestChat(ConnectorContract):
    @pytest.fixture
    async def line(self) -> Line:
        return await demo_line("chat", "t4")


class TestSocial(ConnectorContract):
    @pytest.fixture
    async def line(self) -> Line:
        return await demo_line("social", "t6")
