"""The engine that runs: one façade over intake, outbox, views and what a moderator holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from modtui.domain.commands import Capability, Command
from modtui.domain.model import Claim, Draft
from modtui.domain.outbox import Delivery
from modtui.domain.replies import Entry, Filled, Slot, Variant
from modtui.domain.timeleft import Left
from modtui.domain.views import (
    AccountStatus,
    Change,
    Counts,
    Offer,
    QueueFilter,
    QueueRow,
    ThreadDetail,
)
from modtui.engine import QueueView, Submitted, Undone
from modtui.engine.accounts import Plan, Runtime
from modtui.store import AuditLine, Quarantined, Store


class LiveEngine:
    """The `Engine` of `modtui.engine`, over one store.

    Built without touching the store or a platform; `start` begins. `view_now`, `counts` and
    `accounts` answer before `start`, so the first paint waits for nothing.
    """

    def __init__(self, store: Store, plan: Plan, runtime: Runtime) -> None:
        self.desk = plan.desk
        self._store = store
        self._plan = plan
        self._runtime = runtime

    def now(self) -> datetime:
        return self._runtime.now()

    async def start(self) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    async def sync_once(self) -> tuple[tuple[str, Exception | None], ...]:
        """Serve every account to its present end, in config order: (name, what stopped it).

        What is queued is delivered as well. CredentialsMissing and ConnectorError are returned,
        never raised; None is done.
        """
        raise NotImplementedError

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        raise NotImplementedError

    async def view(self, view: QueueFilter) -> QueueView:
        raise NotImplementedError

    def view_now(self, view: QueueFilter) -> QueueView | None:
        raise NotImplementedError

    def left(self, row: QueueRow) -> Left:
        raise NotImplementedError

    def counts(self) -> Counts:
        raise NotImplementedError

    def accounts(self) -> tuple[AccountStatus, ...]:
        raise NotImplementedError

    async def thread(self, thread_id: int) -> ThreadDetail | None:
        raise NotImplementedError

    async def load_context(self, thread_id: int) -> None:
        raise NotImplementedError

    async def deliveries(self) -> tuple[Delivery, ...]:
        raise NotImplementedError

    async def last_delivery(self) -> Delivery | None:
        raise NotImplementedError

    async def audit(self, thread_id: int | None = None) -> tuple[AuditLine, ...]:
        raise NotImplementedError

    async def quarantined(self) -> tuple[Quarantined, ...]:
        raise NotImplementedError

    def offer(self, account: str, capability: Capability) -> Offer:
        raise NotImplementedError

    def slots(self, detail: ThreadDetail) -> tuple[Slot, ...]:
        raise NotImplementedError

    def find_replies(self, text: str, language: str | None) -> tuple[Entry, ...]:
        raise NotImplementedError

    def fill(self, detail: ThreadDetail, entry: Entry, variant: Variant) -> Filled:
        raise NotImplementedError

    def follow_ups(self, detail: ThreadDetail, entry: Entry, reply: Command) -> tuple[Command, ...]:
        raise NotImplementedError

    def library_problems(self) -> tuple[str, ...]:
        raise NotImplementedError

    async def submit(
        self, commands: Sequence[Command], *, hold: bool = True, force: bool = False
    ) -> Submitted:
        raise NotImplementedError

    async def painted(self, batch: str) -> None:
        raise NotImplementedError

    async def undo(self, thread_id: int | None = None) -> Undone:
        raise NotImplementedError

    async def settle(self, delivery_id: int, verdict: str) -> None:
        raise NotImplementedError

    async def cancel(self, delivery_id: int) -> None:
        raise NotImplementedError

    async def claim(self, thread_id: int) -> Claim:
        raise NotImplementedError

    async def take_over(self, thread_id: int) -> Claim:
        raise NotImplementedError

    async def release(self, thread_id: int) -> None:
        raise NotImplementedError

    async def save_draft(self, thread_id: int, text: str) -> None:
        raise NotImplementedError

    async def draft(self, thread_id: int) -> Draft | None:
        raise NotImplementedError

    async def drafts(self) -> tuple[Draft, ...]:
        raise NotImplementedError

    async def retry_account(self, account: str) -> None:
        raise NotImplementedError
