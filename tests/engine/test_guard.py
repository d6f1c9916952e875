"""The boundary to a connector: whatever it raises, however, our secrets are not in it."""

from __future__ import annotations

import asyncio
import traceback
from datetime import UTC, datetime

import pytest

from modtui.connectors import ConnectorError, Environment, ThreadRef
from modtui.domain.commands import Reply
from modtui.domain.secret import Redactor, Secret
from modtui.engine.guard import Guarded, redacting
from tests.security.breaking import PLACES, WAYS, Breaking

CANARY = "canary/tok+en_4f1d9c77"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
REF = ThreadRef("s", "c", "a")
REPLY = Reply(thread=1, revision=1, text="x")


async def called(place: str, way: str) -> None:
    redact = Redactor([Secret(CANARY)])
    settings = {
        "profile": "forum", "scene": "mixed", "seed": 1, "threads": 3, "rate": 0, "faults": 0,
    }  # fmt: skip
    env = Environment("chat", settings, {"token": Secret(CANARY)}, lambda: NOW, asyncio.sleep)
    with redacting(redact):
        guarded = Guarded(Breaking(env, place, way), redact)
    match place:
        case "identity":
            await guarded.identity()
        case "updates" | "later":
            async for _ in guarded.updates(None):
                pass
        case "context":
            await guarded.context(REF)
        case "perform":
            await guarded.perform(REF, REPLY, "k")
        case "find":
            await guarded.find(REF, REPLY, NOW, frozenset())
        case "aclose":
            await guarded.aclose()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", PLACES)
async def test_no_error_of_any_call_has_the_secret_in_it(place: str, way: str) -> None:
    with pytest.raises(Exception) as told:  # noqa: PT011
        await called(place, way)
    shown = "".join(traceback.format_exception(told.value)) + repr(told.value)
    assert CANARY not in shown
    assert "****" in shown
    if way in ("unauthorized", "rejected", "unknown", "chained"):
        assert isinstance(told.value, ConnectorError)
        assert type(told.value).__name__.lower() == way.replace("chained", "retryable")


async def test_what_holds_no_secret_is_passed_on_as_it_is() -> None:
    error = ConnectorError("plain", 5)
    with pytest.raises(ConnectorError) as told, redacting(Redactor([Secret(CANARY)])):
        raise error
    assert told.value is error
    assert told.value.args == ("plain", 5)
