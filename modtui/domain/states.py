"""What an event does to a thread's state: one pure function, for single and batch actions.

Details that are read: `rule` (1: no person) of flagged, and `severity` (what it raised the thread
to); `then` (wait, done, open) and `audience` (everyone, author) of a staff
reply; `finishes` (0: something is left to do) of hidden and dismissed; `state` of undone;
`over` (it is not, and why) of sensitive;
`subject` (0: another post) of edited and deleted; `revision`: what the event raised it to.
"""

from __future__ import annotations

from collections.abc import Sequence

from modtui.domain.model import Event, EventKind, Severity, State

_KIND = EventKind
# In Python 3.11 the name of a member costs as much as a call; these decide for nearly all events.
_FLAG, _OPEN = EventKind.FLAGGED, State.OPEN
_ENDS = frozenset({State.ESCALATED, State.RESOLVED})
_ASLEEP = frozenset({State.SNOOZED, State.RESOLVED})
_GRAVE = frozenset({Severity.HIGH.value, Severity.URGENT.value})
_PLATFORM = frozenset({_KIND.AUTHOR_POST, _KIND.EDITED, _KIND.DELETED})
_CHANGES = frozenset(
    {
        _KIND.AUTHOR_POST, _KIND.TAKEN_OVER, _KIND.STAFF_REPLY, _KIND.HIDDEN, _KIND.DISMISSED,
        _KIND.RESOLVED, _KIND.REOPENED, _KIND.ESCALATED, _KIND.SNOOZED, _KIND.WOKEN,
        _KIND.WAITING, _KIND.SENSITIVE, _KIND.UNDONE,
    }
)  # fmt: skip
_POST_CHANGE = frozenset({_KIND.EDITED, _KIND.DELETED})


def after(state: State, event: Event) -> State:
    """Return the state that follows `event` (design, section 4)."""
    kind = event.kind
    if kind is _FLAG:
        return state if state is _OPEN else _flagged(state, event)
    match kind:
        case _KIND.AUTHOR_POST | _KIND.REOPENED:
            return state if state is State.ESCALATED else State.OPEN
        case _KIND.STAFF_REPLY:
            return _answered(state, event)
        case _KIND.RESOLVED:
            return State.RESOLVED
        case _KIND.HIDDEN | _KIND.DISMISSED:
            return State.RESOLVED if finishes(event) else state
        case _KIND.ESCALATED:
            return State.ESCALATED
        case _KIND.SNOOZED:
            return state if state in _ENDS else State.SNOOZED
        case _KIND.WAITING:
            return state if state in _ENDS else State.WAITING
        case _KIND.WOKEN:
            return State.OPEN if state is State.SNOOZED else state
        case _KIND.SENSITIVE if event.get("over") is None:
            return State.OPEN if state in _ASLEEP else state
        case _KIND.UNDONE:
            return _undone(state, event)
    return state


def public(event: Event) -> bool:
    """Return whether a staff reply was written for everyone to read."""
    return event.get("audience") != "author"


def finishes(event: Event) -> bool:
    """Return whether a hide or dismiss left nothing to do in its thread."""
    return event.get("finishes") != 0


def raises_revision(event: Event) -> bool:
    """Return whether `event` could change a decision, whoever did it."""
    if event.kind in _POST_CHANGE:
        return event.get("subject") != 0
    return event.kind in _CHANGES


def news(events: Sequence[Event], revision: int, me: str) -> Event | None:
    """Return the latest of `events` that makes stale what `me` decided on `revision`, or None.

    What `me` did himself through modtui is no news to him. What a platform told always is,
    whatever name its author bears there.
    """
    for event in reversed(events):
        if _revision(event) > revision and not _done_by(event, me):
            return event
    return None


def _revision(event: Event) -> int:
    return int(event.get("revision") or 0)


def _done_by(event: Event, me: str) -> bool:
    told = event.kind in _PLATFORM or event.get("post") is not None
    return event.actor == me and not told


def _flagged(state: State, event: Event) -> State:
    """A person who flags what waits for its author needs us now; a snooze is broken by harm."""
    match state:
        case State.RESOLVED:
            return State.OPEN
        case State.WAITING if event.get("rule") != 1:
            return State.OPEN
        case State.SNOOZED if event.get("severity") in _GRAVE:
            return State.OPEN
    return state


def _answered(state: State, event: Event) -> State:
    then = event.get("then")
    if then == "done":
        return State.RESOLVED
    if state in _ENDS or not public(event):
        return state
    return State.OPEN if then == "open" else State.WAITING


def _undone(state: State, event: Event) -> State:
    """Return the state after a fold that has left out what was undone."""
    back = event.get("state")
    if isinstance(back, str):
        return State(back)
    at_once = event.get("undoes") is None and event.get("batch") is not None
    return State.OPEN if state is State.RESOLVED and not at_once else state
