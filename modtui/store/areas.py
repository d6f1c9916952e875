"""The queries of each area, put together for `ReadTx` and `Tx`."""

from __future__ import annotations

from typing import Protocol

from modtui.store.alarms_port import AlarmReads
from modtui.store.arrivals_port import ArrivalWrites
from modtui.store.batches_port import BatchReads, BatchWrites
from modtui.store.choices_port import ChoiceReads, ChoiceWrites
from modtui.store.claims_port import ClaimReads, ClaimWrites
from modtui.store.deliveries_port import DeliveryReads, DeliveryWrites
from modtui.store.first_reply_port import FirstReplyReads
from modtui.store.listing_port import ListingReads
from modtui.store.outcomes_port import OutcomeReads
from modtui.store.people_port import PeopleReads, PeopleWrites
from modtui.store.personal_port import PersonalReads, PersonalWrites
from modtui.store.shift_port import ShiftReads, ShiftWrites
from modtui.store.status_port import StatusReads, StatusWrites
from modtui.store.traces_port import TraceReads
from modtui.store.views_port import ViewReads, ViewWrites


class AreaReads(
    AlarmReads,
    BatchReads,
    ClaimReads,
    ChoiceReads,
    DeliveryReads,
    FirstReplyReads,
    ListingReads,
    OutcomeReads,
    TraceReads,
    PeopleReads,
    PersonalReads,
    ShiftReads,
    StatusReads,
    ViewReads,
    Protocol,
):
    """What can be asked beyond threads and flags."""


class AreaWrites(
    ArrivalWrites,
    BatchWrites,
    ClaimWrites,
    ChoiceWrites,
    DeliveryWrites,
    PeopleWrites,
    PersonalWrites,
    ShiftWrites,
    StatusWrites,
    ViewWrites,
    Protocol,
):
    """What can be changed beyond threads and flags."""
