"""The queries of each area, put together for `ReadTx` and `Tx`."""

from __future__ import annotations

from typing import Protocol

from modtui.store.batches_port import BatchReads, BatchWrites
from modtui.store.people_port import PeopleReads, PeopleWrites
from modtui.store.personal_port import PersonalReads, PersonalWrites
from modtui.store.status_port import StatusReads, StatusWrites
from modtui.store.views_port import ViewReads, ViewWrites


class AreaReads(BatchReads, PeopleReads, PersonalReads, StatusReads, ViewReads, Protocol):
    """What can be asked beyond threads, flags and deliveries."""


class AreaWrites(BatchWrites, PeopleWrites, PersonalWrites, StatusWrites, ViewWrites, Protocol):
    """What can be changed beyond threads, flags and deliveries."""
