"""What follows what: the whole table, and what makes a decision stale."""

from __future__ import annotations

import pytest

from modtui.domain.model import Event, EventKind, State
from modtui.domain.states import after, news, raises_revision
from tests.domain.calendars import moment

AT = moment("2026-11-20 10:00")
OPEN, WAITING, SNOOZED = State.OPEN, State.WAITING, State.SNOOZED
ESCALATED, RESOLVED = State.ESCALATED, State.RESOLVED
STATES = (OPEN, WAITING, SNOOZED, ESCALATED, RESOLVED)
SAME = STATES
TABLE = {
    EventKind.FLAGGED: (OPEN, OPEN, SNOOZED, ESCALATED, OPEN),
    EventKind.AUTHOR_POST: (OPEN, OPEN, OPEN, ESCALATED, OPEN),
    EventKind.STAFF_REPLY: (WAITING, WAITING, WAITING, ESCALATED, RESOLVED),
    EventKind.HIDDEN: (RESOLVED,) * 5,
    EventKind.DISMISSED: (RESOLVED,) * 5,
    EventKind.RESOLVED: (RESOLVED,) * 5,
    EventKind.REOPENED: (OPEN, OPEN, OPEN, ESCALATED, OPEN),
    EventKind.ESCALATED: (ESCALATED,) * 5,
    EventKind.SNOOZED: (SNOOZED, SNOOZED, SNOOZED, ESCALATED, RESOLVED),
    EventKind.WOKEN: (OPEN, WAITING, OPEN, ESCALATED, RESOLVED),
    EventKind.WAITING: (WAITING, WAITING, WAITING, ESCALATED, RESOLVED),
    EventKind.SENSITIVE: (OPEN, WAITING, OPEN, ESCALATED, OPEN),
    EventKind.UNDONE: (OPEN, WAITING, SNOOZED, ESCALATED, OPEN),
}


def event(kind: EventKind, actor: str = "mod-a", **detail: str | int) -> Event:
    return Event(kind, AT, actor, tuple(detail.items()))


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_in_every_state(kind: EventKind) -> None:
    assert tuple(after(state, event(kind)) for state in STATES) == TABLE.get(kind, SAME)


@pytest.mark.parametrize(
    ("detail", "ends"),
    [
        ({"then": "wait"}, (WAITING, WAITING, WAITING, ESCALATED, RESOLVED)),
        ({"then": "open"}, (OPEN, OPEN, OPEN, ESCALATED, RESOLVED)),
        ({"then": "done"}, (RESOLVED,) * 5),
        ({"audience": "author"}, SAME),
        ({"audience": "author", "then": "done"}, (RESOLVED,) * 5),
    ],
)
def test_what_a_reply_says_should_follow(detail: dict[str, str], ends: tuple[State, ...]) -> None:
    reply = event(EventKind.STAFF_REPLY, **detail)
    assert tuple(after(state, reply) for state in STATES) == ends


@pytest.mark.parametrize(
    ("detail", "ends"),
    [
        ({"rule": 1}, (OPEN, WAITING, SNOOZED, ESCALATED, OPEN)),
        ({"severity": "normal"}, (OPEN, OPEN, SNOOZED, ESCALATED, OPEN)),
        ({"severity": "high"}, (OPEN, OPEN, OPEN, ESCALATED, OPEN)),
        ({"severity": "urgent", "rule": 1}, (OPEN, WAITING, OPEN, ESCALATED, OPEN)),
    ],
)
def test_whom_a_flag_calls_back(detail: dict[str, str | int], ends: tuple[State, ...]) -> None:
    flagged = event(EventKind.FLAGGED, **detail)
    assert tuple(after(state, flagged) for state in STATES) == ends


@pytest.mark.parametrize("kind", [EventKind.HIDDEN, EventKind.DISMISSED])
def test_a_removal_that_leaves_work_changes_no_state(kind: EventKind) -> None:
    assert tuple(after(state, event(kind, finishes=0)) for state in STATES) == SAME
    assert after(OPEN, event(kind, finishes=1)) is RESOLVED


@pytest.mark.parametrize("state", STATES)
def test_a_ban_does_not_resolve(state: State) -> None:
    assert after(state, event(EventKind.SANCTIONED, sanction="ban")) is state


def test_undone_goes_back_to_the_state_it_names() -> None:
    assert after(RESOLVED, event(EventKind.UNDONE, state="waiting")) is WAITING


CHANGES = {
    EventKind.AUTHOR_POST, EventKind.TAKEN_OVER, EventKind.EDITED, EventKind.DELETED,
    EventKind.STAFF_REPLY, EventKind.HIDDEN, EventKind.DISMISSED, EventKind.RESOLVED,
    EventKind.REOPENED, EventKind.ESCALATED, EventKind.SNOOZED, EventKind.WOKEN,
    EventKind.WAITING, EventKind.SENSITIVE, EventKind.UNDONE,
}  # fmt: skip


@pytest.mark.parametrize("kind", EventKind)
def test_what_raises_the_revision(kind: EventKind) -> None:
    assert raises_revision(event(kind)) is (kind in CHANGES)


def test_only_what_others_did_after_the_decision_is_news() -> None:
    mine = event(EventKind.STAFF_REPLY, "mod-a", revision=2)
    theirs = event(EventKind.STAFF_REPLY, "mod-b", revision=3)
    claimed = event(EventKind.CLAIMED, "mod-b")
    assert news([mine, theirs, claimed], 2, "mod-a") == theirs
    assert news([mine, theirs, claimed], 3, "mod-a") is None
    assert news([mine], 1, "mod-a") is None
    assert news([mine], 1, "mod-b") == mine


def test_an_author_who_bears_a_moderator_s_name_is_still_news() -> None:
    said = event(EventKind.AUTHOR_POST, "mod-a", revision=2)
    elsewhere = event(EventKind.STAFF_REPLY, "mod-a", revision=2, post="p7")
    assert news([said], 1, "mod-a") == said
    assert news([elsewhere], 1, "mod-a") == elsewhere


@pytest.mark.parametrize("kind", [EventKind.EDITED, EventKind.DELETED])
def test_only_the_subject_s_edits_count(kind: EventKind) -> None:
    assert not raises_revision(event(kind, subject=0))
    assert raises_revision(event(kind, subject=1))
