"""Labels that stand for a removal: ours, and those of other moderators."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.connectors.evidence import SO_ALREADY
from modtui.domain.commands import Hide, Restore
from tests.connectors.contract import ON
from tests.connectors.fakeozone import COLLEAGUE, DEFS, ME, FakeOzone
from tests.connectors.test_ozone import emitted, line


@pytest.mark.parametrize("by", [COLLEAGUE, ME])
async def test_a_label_that_another_put_on_is_not_taken_off_with_ours(by: str) -> None:
    fake = FakeOzone()
    there = await line(fake, labels=["nudity=porn", "gore=gore"])
    label = {"$type": f"{DEFS}modEventLabel", "createLabelVals": ["porn"], "negateLabelVals": []}
    fake.happen(there.subject, label, by)
    hide = Hide(**ON, posts=there.posts, author=there.ref.author, rule="nudity")
    receipt = await there.connector.perform(there.ref, hide, "k")
    kinds = [event["$type"] for event in emitted(fake)]
    assert (receipt.evidence == SO_ALREADY) is (by != ME)
    assert ("Label" in kinds) is (by == ME)
    await there.connector.perform(there.ref, replace(hide, rule="gore"), "k2")
    await there.connector.perform(there.ref, Restore(**ON, posts=there.posts), "k3")
    off = ["gore", "porn"] if by == ME else ["gore"]
    assert emitted(fake)[-1]["negateLabelVals"] == off
    count = len(emitted(fake))
    told = await there.connector.perform(there.ref, Restore(**ON, posts=there.posts), "k4")
    assert (told.evidence, len(emitted(fake))) == ("none of our labels is on it", count)
