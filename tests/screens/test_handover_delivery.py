"""A hand-over on its way, and a delivery that asks, in the lines and in the list of deliveries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from modtui.domain.commands import NO_THREAD, HandOver
from modtui.domain.outbox import Delivery, DeliveryState, Receipt
from modtui.screens.deliveries import DeliveriesScreen
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.sketches import ME, NOW
from tests.screens.stage import sent_reply, staged

COMMAND = HandOver(account="ops", to="#shift", text="Hand-over of mod-a")
TOLD = Delivery(
    9, "k9", "b9", NO_THREAD, "ops", COMMAND, DeliveryState.QUEUED, ME, NOW - timedelta(seconds=4)
)


async def test_the_status_line_says_where_the_hand_over_goes_and_how_it_stands() -> None:
    engine = staged()
    engine.outbox.append(TOLD)
    async with playing(engine) as play:
        assert " queued 4 s  hand-over to ops #shift" in grid(play.app)[-2]
        proof = Receipt(None, NOW, "HTTP 200")
        engine.outbox[:] = [replace(TOLD, state=DeliveryState.SENT, receipt=proof)]
        engine.tell(wide=True)
        await play.settle()
        assert " sent 03:12 hand-over to ops #shift" in grid(play.app)[-2]


async def test_the_list_shows_it_without_a_thread_that_could_be_opened() -> None:
    engine = staged()
    engine.outbox.append(TOLD)
    async with playing(engine) as play:
        await play.press("g", "d")
        row = next(line for line in grid(play.app) if "hand-over" in line)
        assert not re.search(r"#\d", row)
        await play.press("enter")
        assert play.said == "a hand-over has no thread"
        assert isinstance(play.room, DeliveriesScreen)


async def test_what_asks_is_sent_from_the_list_after_a_question() -> None:
    engine = staged()
    row = sent_reply(engine, 3)
    engine.outbox[:] = [replace(row, state=DeliveryState.QUEUED, receipt=None, asks=True)]
    async with playing(engine) as play:
        assert "! waits for your word" in grid(play.app)[-2]
        await play.press("g", "d", "x")
        assert play.said == "only a delivery that says NEEDS YOU can be answered"
        await play.press("s")
        assert engine.shift.log == [("begin", None)]
        await play.press("enter")
        assert ("send", row.id) in engine.shift.log
