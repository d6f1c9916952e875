from datetime import UTC, datetime, timedelta

import pytest

from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    DoExtra,
    Extra,
    Hide,
    LiftSanction,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Snooze,
)
from modtui.domain.words import act, length, span, titled

ON = {"thread": 1, "revision": 1}
PLACE = {"until": None, "reason": ""}


@pytest.mark.parametrize(
    ("seconds", "rough", "exact"),
    [(0, "0 s", "0 s"), (59, "59 s", "59 s"), (90, "1 min", "90 s"), (5400, "1 h", "90 min"),
     (7200, "2 h", "2 h"), (604_800, "7 d", "7 d")],
)  # fmt: skip
def test_a_span_is_rough_and_a_setting_is_exact(seconds: int, rough: str, exact: str) -> None:
    assert (span(timedelta(seconds=seconds)), length(seconds)) == (rough, exact)


def test_a_span_is_never_negative() -> None:
    assert span(timedelta(seconds=-5)) == "0 s"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Reply(**ON, text="hello"), "reply"),
        (Reply(**ON, text="hello", audience=Audience.AUTHOR), "reply to Nina alone"),
        (Hide(**ON, posts=("p1",), author="u1"), "remove post of Nina"),
        (Hide(**ON, posts=("p1", "p2"), author="u1"), "remove 2 posts of Nina"),
        (Restore(**ON, posts=("p1",)), "bring back post"),
        (Dismiss(**ON, flags=("f1",), approve=True), "approve held post"),
        (Sanction(**ON, sanction=SanctionKind.BAN, author="u1", seconds=604_800),
         "ban Nina for 7 d"),
        (Sanction(**ON, sanction=SanctionKind.WARN, author="u1"), "warn Nina"),
        (LiftSanction(**ON, sanction=SanctionKind.MUTE, author="u1"), "lift mute of Nina"),
        (SetSlowMode(**ON, **PLACE, seconds=90), "slow mode 90 s"),
        (SetSlowMode(**ON, **PLACE, seconds=0), "slow mode off"),
        (SetReadOnly(**ON, **PLACE, on=False), "open for writing"),
        (SetCrowdControl(**ON, level=3, reason="heat"), "crowd control strict"),
        (SetCrowdControl(**ON, level=0, reason="calm"), "crowd control off"),
        (DoExtra(**ON, extra=Extra.PRIORITY, value="80"), "priority 80"),
        (DoExtra(**ON, extra=Extra.TAG, value="wave"), "put on tag wave"),
        (DoExtra(**ON, extra=Extra.TAG, value="wave", on=False), "take off tag wave"),
        (DoExtra(**ON, extra=Extra.MUTE_REPORTER, seconds=3600), "mute reporter for 1 h"),
        (DoExtra(**ON, extra=Extra.MUTE_REPORTER, on=False), "unmute reporter"),
        (DoExtra(**ON, extra=Extra.FREEZE), "freeze the login"),
        (DoExtra(**ON, extra=Extra.FREEZE, on=False), "unfreeze the login"),
        (DoExtra(**ON, extra=Extra.SENSITIVE_MEDIA), "mark media as sensitive"),
        (DoExtra(**ON, extra=Extra.SENSITIVE_MEDIA, on=False), "media sensitive no longer"),
        (DoExtra(**ON, extra=Extra.REOPEN), "reopen the report"),
        (DoExtra(**ON, extra=Extra.DIVERT), "divert the media"),
        (Snooze(**ON, until=datetime(2026, 3, 2, tzinfo=UTC)), "snooze"),
    ],
)  # fmt: skip
def test_an_act_names_its_target(command: Command, words: str) -> None:
    assert act(command, "Nina") == words


def test_without_a_name_the_id_stands_there() -> None:
    assert act(Hide(**ON, posts=("p1",), author="u1")) == "remove post of u1"
    assert titled("reply", "Deposit limit") == "reply → Deposit limit"
    assert titled("reply", "") == "reply"
