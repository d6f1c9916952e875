"""An account's way to its platform, and how an outbox behaves in time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from modtui.connectors import Connector, Unauthorized
from modtui.domain.frozen import dataclass
from modtui.domain.outbox import backoff
from modtui.engine.parts import Parts
from modtui.store import Lease


@dataclass(frozen=True, slots=True)
class Pace:
    """How an outbox behaves in time, in seconds.

    `lease` is for how long a row in `sending` is ours; a try is given up before it is over.
    `settle` is waited before a look where the platform declares none. `idle` is the longest
    time between two looks at the rows, `most_backoff` the longest wait between two tries that
    the platform did not ask for. `width` rows travel at once, of different threads.
    """

    lease: float = 60.0
    tries_for: float = 45.0
    settle: float = 5.0
    idle: float = 5.0
    most_backoff: float = 60.0
    width: int = 4

    def again(self, parts: Parts, tries: int, asked: timedelta | None = None) -> datetime:
        """Return when to try again after `tries`, not before what the platform `asked` for."""
        most = timedelta(seconds=self.most_backoff)
        return parts.now() + backoff(tries, parts.runtime.rng.random(), asked, most)


class Line:
    """One account's way to its platform while its lease is ours.

    `tried` holds the rows first tried over this very connector, so with this credential;
    `distrusted` those whose key did not settle them; `looks` counts failed looks; `owned` has
    the remote ids that a look found to be another delivery's.
    """

    def __init__(self, account: str, connector: Connector, lease: Lease) -> None:
        self.account = account
        self.connector = connector
        self.lease = lease
        self.paused_until: datetime | None = None
        self.tried: set[int] = set()
        self.looks: dict[int, int] = {}
        self.owned: dict[int, frozenset[str]] = {}
        self.distrusted: set[int] = set()
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.refused: Unauthorized | None = None
        self.lost = False
        self.woken = asyncio.Event()
