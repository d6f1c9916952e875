"""The webhook connector, which only tells, on a line that fails."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from modtui.connectors import Connector, ThreadRef
from modtui.connectors.webhook.connector import create
from tests.connectors.contract import Line
from tests.connectors.far import Far, OverHttp
from tests.connectors.outcomes import HttpOutcomeContract
from tests.connectors.platform import START, Answer, Platform
from tests.connectors.test_notify import REF, escalation
from tests.connectors.wire import Stage, WriteContract


@dataclass
class Receiver(Platform):
    """Takes whatever is posted, ours: once for each key, if it is `keyed`."""

    keyed: bool = False
    taken: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request, path: str) -> Answer:
        key = request.headers["Idempotency-Key"]
        if not (self.keyed and key in self.taken):
            self.taken.append(key)
        return {"ok": request.method == "POST"}


class Hook(Stage):
    posting = "POST /$"

    def __init__(self) -> None:
        self.platform = Receiver()

    def connect(self) -> Connector:
        return create(self.platform.environment())


class TestWire(WriteContract):
    kind = "webhook"
    command = escalation(to="#oncall")
    any_answer = True

    @pytest.fixture
    def stage(self) -> Stage:
        return Hook()

    async def ready(self, stage: Stage) -> tuple[Connector, ThreadRef]:
        return stage.connect(), REF


async def test_what_is_kept_as_the_address_is_where_it_is_posted() -> None:
    platform = Receiver()
    platform.secrets = {"address": f"{platform.url}/in/T0000/c4naryc4nary"}
    connector = create(platform.environment())
    await connector.perform(REF, escalation(to="#oncall"), "k1")
    assert [one.path for one in platform.calls] == ["/in/T0000/c4naryc4nary"]
    assert "c4nary" not in connector.realm + str(await connector.identity())
    await connector.aclose()


class Telling(Line):
    """A line on which nothing is read: what it tells is of a thread elsewhere."""

    @property
    def ref(self) -> ThreadRef:
        return REF


def telling(connector: Connector, far: Far) -> Line:
    return Telling(connector, [], REF.subject, START, far=far)


class TestOutcomes(HttpOutcomeContract):
    kind = "webhook"

    async def fresh(self) -> Line:
        receiver = Receiver()
        return telling(create(receiver.environment()), OverHttp(receiver))


class TestKeyedOutcomes(HttpOutcomeContract):
    kind = "webhook"

    async def fresh(self) -> Line:
        receiver = Receiver(keyed=True)
        settings = {"dedupe_hours": 24}
        return telling(create(receiver.environment(settings)), OverHttp(receiver))
