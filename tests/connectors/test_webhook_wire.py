"""The webhook connector, which only tells, on a line that fails."""

from __future__ import annotations

import httpx
import pytest

from modtui.connectors import Connector, ThreadRef
from modtui.connectors.webhook.connector import create
from tests.connectors.platform import Answer, Platform
from tests.connectors.test_notify import REF, escalation
from tests.connectors.wire import Stage, WriteContract


class Receiver(Platform):
    """Takes whatever is posted, ours."""

    def answer(self, request: httpx.Request, path: str) -> Answer:
        return {"ok": request.method == "POST"}


class Hook(Stage):
    posting = "POST /$"

    def __init__(self) -> None:
        self.platform = Receiver()

    def connect(self) -> Connector:
        return create(self.platform.environment())


class TestWire(WriteContract):
    command = escalation(to="#oncall")
    any_answer = True

    @pytest.fixture
    def stage(self) -> Stage:
        return Hook()

    async def ready(self, stage: Stage) -> tuple[Connector, ThreadRef]:
        return stage.connect(), REF
