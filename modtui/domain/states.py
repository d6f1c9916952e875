"""What an event does to a thread's state: one pure function, for single and batch actions."""

from __future__ import annotations

from modtui.domain.model import Event, State


def after(state: State, event: Event) -> State:
    """Return the state that follows `event` (design, section 4)."""
    raise NotImplementedError


def raises_revision(event: Event, me: str | None = None) -> bool:
    """Return whether `event` could change a decision, so that stale commands must come back."""
    raise NotImplementedError
