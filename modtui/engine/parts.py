"""What the parts of the engine share: one store, one clock, and how to tell the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from modtui.connectors import Capabilities
from modtui.domain.frozen import dataclass
from modtui.domain.settings import Desk
from modtui.domain.sla import Policy
from modtui.domain.views import Change
from modtui.engine.accounts import Runtime
from modtui.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """Built once by the façade and handed to every part.

    `capabilities` answers for an account, or None while its connector has not been built.
    `changed` tells the screens; `wake` makes every outbox look at its rows again; `limited`
    says that an account's platform asked for silence until a moment.
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

    @property
    def me(self) -> str:
        """The moderator's name: the actor of everything submitted here."""
        return self.desk.moderator.name

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        return self.runtime.now()
