"""What the parts of the engine share: one store, one clock, and how to tell the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from modtui.connectors import Capabilities
from modtui.domain.frozen import dataclass
from modtui.domain.settings import Desk
from modtui.domain.sla import Policy
from modtui.domain.views import Change
from modtui.engine.accounts import Runtime
from modtui.engine.guarded import Patient
from modtui.engine.rulebook import Books
from modtui.store import Store


async def _as_they_are() -> None:
    """Clocks that nobody watches."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Built once by the façade and handed to every part.

    `capabilities` answers for an account, or None while its connector has not been built.
    `changed` tells the screens; `wake` makes every outbox look at its rows again; `limited`
    says that an account's platform asked for silence until a moment.
    `mind_clocks` makes good what a clock that was set has moved, before something is decided by it.
    `books` are the team's files of rules as they are now, None: those of the desk.
    `runtime.rng` must not repeat between runs: it makes the keys platforms dedupe by.
    """

    store: Store
    runtime: Runtime
    desk: Desk
    policies: tuple[Policy, ...]
    capabilities: Callable[[str], Capabilities | None]
    changed: Callable[[Change], None]
    wake: Callable[[], None]
    limited: Callable[[str, datetime], None]
    mind_clocks: Callable[[], Awaitable[None]] = _as_they_are
    books: Books | None = None

    @property
    def me(self) -> str:
        """The moderator's name: the actor of everything submitted here."""
        return self.desk.moderator.name

    @property
    def ruled(self) -> Desk:
        """The desk, with the checks and help routes as they are now."""
        return self.books.desk if self.books is not None else self.desk

    def patient(self) -> Parts:
        """Return the same for work that no person waits for: the store is waited for instead."""
        return replace(self, store=Patient(self.store, self.runtime.sleep))

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        return self.runtime.now()
