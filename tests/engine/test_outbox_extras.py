"""What few platforms can do: what is refused, what is written down, and how it is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from modtui.connectors import Limits, StateSetting
from modtui.connectors.evidence import SO_ALREADY
from modtui.domain.commands import Command, Dismiss, DoExtra, Extra
from modtui.domain.model import EventKind, State
from modtui.domain.outbox import DeliveryState, Receipt
from modtui.domain.stored import dump, load
from modtui.engine import Refused
from tests.engine.outbox_stage import Stage, abilities, add_thread

ON: dict[str, Any] = {"thread": 1, "revision": 1}
S = DeliveryState


@pytest.fixture
def able(stage: Stage) -> Stage:
    """A stage whose platform can do them all."""
    every = {
        extra.value: Limits(extra.value.replace("_", " "), StateSetting(), 3600, 86_400)
        for extra in Extra
    }
    every["mute_reporter"] = Limits(
        "mute reporter", StateSetting(), 3600, 86_400, supports_until=True
    )
    stage.connector.capabilities = abilities(**every)
    return stage


@pytest.mark.parametrize("extra", Extra)
def test_it_is_kept_as_it_was_said(extra: Extra) -> None:
    command = DoExtra(**ON, extra=extra, on=False, value="x", seconds=3600, reason="heat")
    assert load(dump(command)) == command


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (DoExtra(**ON, extra=Extra.PRIORITY, value="101"), "a number from 0 to 100"),
        (DoExtra(**ON, extra=Extra.PRIORITY, value="high"), "a number from 0 to 100"),
        (DoExtra(**ON, extra=Extra.PRIORITY, value="-1"), "a number from 0 to 100"),
        (DoExtra(**ON, extra=Extra.TAG, value=" "), "say which tag"),
        (DoExtra(**ON, extra=Extra.MUTE_REPORTER, value="f77"), "there is no such flag here"),
        (DoExtra(**ON, extra=Extra.DIVERT, on=False), "is not brought back"),
        (DoExtra(**ON, extra=Extra.FREEZE, seconds=3600), "freeze has no end"),
        (DoExtra(**ON, extra=Extra.MUTE_REPORTER, value="f-s1", seconds=60), "goes from 1 h"),
    ],
)
async def test_what_cannot_be_meant_is_refused(able: Stage, command: DoExtra, words: str) -> None:
    await add_thread(able)
    with pytest.raises(Refused, match=words) as caught:
        await able.submit(command)
    assert caught.value.kind == "invalid"
    assert await able.rows() == ()


@pytest.mark.parametrize("extra", Extra)
async def test_where_the_platform_cannot_it_is_refused(stage: Stage, extra: Extra) -> None:
    await add_thread(stage)
    with pytest.raises(Refused, match=extra.value.replace("_", " ")) as caught:
        await stage.submit(DoExtra(**ON, extra=extra, value="1"))
    assert caught.value.kind == "unable"


@pytest.mark.parametrize(
    ("command", "evidence", "inverse"),
    [
        (
            DoExtra(**ON, extra=Extra.MUTE_REPORTER, value="f-s1", seconds=3600),
            "",
            DoExtra(**ON, extra=Extra.MUTE_REPORTER, value="f-s1", on=False, reason="taken back"),
        ),
        (
            DoExtra(**ON, extra=Extra.TAG, value="wave", on=False),
            "",
            DoExtra(**ON, extra=Extra.TAG, value="wave", reason="taken back"),
        ),
        (
            DoExtra(**ON, extra=Extra.PRIORITY, value="80"),
            "was 20",
            DoExtra(**ON, extra=Extra.PRIORITY, value="20", reason="taken back"),
        ),
        (
            DoExtra(**ON, extra=Extra.FREEZE, reason="hijacked"),
            "",
            DoExtra(**ON, extra=Extra.FREEZE, on=False, reason="taken back"),
        ),
        (
            DoExtra(**ON, extra=Extra.SENSITIVE_MEDIA),
            "",
            DoExtra(**ON, extra=Extra.SENSITIVE_MEDIA, on=False, reason="taken back"),
        ),
    ],
)
async def test_it_is_sent_once_and_taken_back_by_its_opposite(
    able: Stage, command: DoExtra, evidence: str, inverse: DoExtra
) -> None:
    thread = await add_thread(able)
    able.connector.answers = [Receipt(None, able.clock.now, evidence)]
    await able.submit(command)
    await able.drive()
    assert [row.state for row in await able.rows()] == [S.SENT]
    assert (await able.outbox.undo(thread)).inverse
    await able.drive()
    assert [c for c, _ in able.connector.performed] == [command, inverse]
    with pytest.raises(Refused):
        await able.outbox.undo(thread)


@pytest.mark.parametrize(
    ("command", "evidence", "words"),
    [
        (DoExtra(**ON, extra=Extra.DIVERT), "", "cannot take it back"),
        (DoExtra(**ON, extra=Extra.PRIORITY, value="80"), "", "cannot take it back"),
        (DoExtra(**ON, extra=Extra.FREEZE), SO_ALREADY, "what another set is not taken back"),
        (DoExtra(**ON, extra=Extra.TAG, value="w"), SO_ALREADY, "what another set is not taken"),
        (Dismiss(**ON, flags=("f-s1",)), SO_ALREADY, "what another set is not taken back"),
    ],
)
async def test_what_is_for_good_or_was_so_before_stays(
    able: Stage, command: Command, evidence: str, words: str
) -> None:
    thread = await add_thread(able)
    able.connector.answers = [Receipt(None, able.clock.now, evidence)]
    await able.submit(command)
    await able.drive()
    with pytest.raises(Refused, match=words):
        await able.outbox.undo(thread)
    assert len(able.connector.performed) == 1


async def test_a_kept_post_is_looked_at_anew_where_its_report_can_be_reopened(
    able: Stage,
) -> None:
    thread = await add_thread(able)
    await able.submit(Dismiss(**ON, flags=("f-s1",)))
    await able.drive()
    assert (await able.thread(thread)).state is State.RESOLVED
    assert (await able.outbox.undo(thread)).inverse
    await able.drive()
    command = able.connector.performed[-1][0]
    assert isinstance(command, DoExtra)
    assert (command.extra, command.on) == (Extra.REOPEN, True)
    assert (await able.thread(thread)).state is State.OPEN
    assert (await able.events(thread))[-1] is EventKind.UNDONE


async def test_a_freeze_is_a_sanction_of_the_author_and_an_end_is_none(able: Stage) -> None:
    thread = await add_thread(able)
    await able.submit(DoExtra(**ON, extra=Extra.FREEZE, reason="hijacked"))
    await able.drive()
    await able.outbox.undo(thread)
    await able.drive()
    events = await able.store.read(lambda tx: tx.events(thread))
    given = [e.get("sanction") for e in events if e.kind is EventKind.SANCTIONED]
    assert given == ["freeze", "unfreeze"]
