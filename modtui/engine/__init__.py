"""The engine: everything that screens and the command line may ask for.

`Engine` is built in `cli` from a store, connectors and clocks. It knows no screens: it calls the
callbacks given to `subscribe` with a `Change`, on the event loop, collapsed per burst.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from modtui.domain.commands import Capability, Command, Then
from modtui.domain.frozen import dataclass
from modtui.domain.model import Claim, Draft
from modtui.domain.outbox import Delivery
from modtui.domain.replies import Entry, Filled, Slot, Variant
from modtui.domain.settings import Desk
from modtui.domain.timeleft import Left
from modtui.domain.trouble import Trouble
from modtui.domain.views import (
    AccountStatus,
    Change,
    Counts,
    Offer,
    QueueFilter,
    QueueRow,
    ThreadDetail,
)
from modtui.store import AuditLine, Quarantined, StoreError

if TYPE_CHECKING:
    from modtui.domain.edited import Start
    from modtui.engine.alarms_port import AlarmBook
    from modtui.engine.batches import Batches
    from modtui.engine.care import Care
    from modtui.engine.knowing import Deeds, People, Views
    from modtui.engine.lead import Lead
    from modtui.engine.shelf import Shelf
    from modtui.engine.shift import Shift
    from modtui.engine.translating import Translator
    from modtui.engine.wording import Wording

FINISH_SECONDS = 2.0
"""For how long deliveries on their way may finish when the engine stops."""


class Refused(Exception):
    """A command was not taken. `kind`: stale, claimed, pending, unable, unsure, invalid, read_only,
    store.

    The message is one line for the moderator; `can_force` says whether `force=True` passes.
    """

    def __init__(self, kind: str, message: str, *, can_force: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.can_force = can_force


class NotStored(Refused, StoreError):
    """The store took nothing, so nothing was done. `passes`: it may work again in this process."""

    def __init__(self, message: str, *, passes: bool = True) -> None:
        super().__init__("store", message)
        self.passes = passes


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was taken: the batch, its deliveries in order, and what was done at once."""

    batch: str
    deliveries: tuple[Delivery, ...]
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """What `undo` did, in words that name the target. `draft`: the text came back;
    `behind`: it did not, as a newer draft stands.

    `threads` are all those it was about, `thread` the one that was asked for or acted on last;
    `seen`: the thread of a removal that had been sent, so that people may have seen it.
    """

    message: str
    thread: int | None = None
    draft: bool = False
    inverse: bool = False
    threads: tuple[int, ...] = ()
    seen: int | None = None
    behind: bool = False

    @property
    def of_text(self) -> str:
        """What became of the text, in words; "" where there was none."""
        newer = "a newer draft stands: the text taken back is in Deliveries" if self.behind else ""
        return "your text is a draft again" if self.draft else newer


class QueueView(Protocol):
    """The threads that a filter asks for, in queue order."""

    def __len__(self) -> int: ...
    def id_at(self, index: int) -> int: ...
    def index_of(self, thread_id: int) -> int | None: ...
    def rows(self, ids: Sequence[int]) -> Mapping[int, QueueRow | None]:
        """The rows at once, from a bounded cache; None for those that are not here yet."""
        ...


class Engine(Protocol):
    """The façade. `practice`: nothing that is done leaves. Where the session is read-only, all that
    would change something raises Refused."""

    practice: bool

    @property
    def desk(self) -> Desk:
        """What the team configured, with its files of rules as they are now."""
        ...

    @property
    def batches(self) -> Batches:
        """One action over many."""
        ...

    @property
    def views(self) -> Views:
        """The views of the queue: counted, searched, saved."""
        ...

    @property
    def people(self) -> People:
        """The authors' records."""
        ...

    @property
    def deeds(self) -> Deeds:
        """My last twenty."""
        ...

    @property
    def alarms(self) -> AlarmBook:
        """What a bell may ring for."""
        ...

    @property
    def care(self) -> Care:
        """What is folded, and how much of it I read."""
        ...

    @property
    def shelf(self) -> Shelf:
        """The library: to look through, to change, to pin."""
        ...

    @property
    def translator(self) -> Translator | None:
        """Translates a post for reading; None where no command is configured."""
        ...

    @property
    def wording(self) -> Wording:
        """What the team's checks say of something before it is sent."""
        ...

    @property
    def lead(self) -> Lead:
        """What Status asks."""
        ...

    @property
    def shift(self) -> Shift:
        """The end of a shift, and the beginning of the next."""
        ...

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        ...

    def trouble(self) -> Trouble | None:
        """What keeps the store from taking anything now; None: nothing."""
        ...

    def notice(self) -> str:
        """One line on what just happened to the machine, for a while; "" if nothing did."""
        ...

    def give_way(self) -> None:
        """A key came: let what nobody waits for rest while it is answered. From any thread."""
        ...

    def unsaved(self) -> tuple[Draft, ...]:
        """What the store has not taken yet of what was written here."""
        ...

    async def start(self) -> None:
        """Start intake and outbox for every account; returns when the queue can be read."""
        ...

    async def stop(self, patience: float = FINISH_SECONDS) -> None:
        """End the undo window, let deliveries in flight finish for at most `patience` seconds,
        stop. What has no answer by then is `unknown`, and looked for by who serves it next."""
        ...

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call `callback` with each collapsed change; return how to stop it."""
        ...

    # reading
    async def view(self, view: QueueFilter, *, behind: bool = False) -> QueueView:
        """The threads of `view` in their order. `behind`: it is no answer to a key, and rests while
        one is answered."""
        ...

    def view_now(self, view: QueueFilter) -> QueueView | None:
        """The same at once, where the store can; for the first paint."""
        ...

    def left(self, row: QueueRow) -> Left:
        """The time left of a row, now: to the target of the NOW lane, else of its clock."""
        ...

    def counts(self) -> Counts:
        """The latest counts (recomputed with each change and at deadlines)."""
        ...

    def accounts(self) -> tuple[AccountStatus, ...]:
        """How each account stands now."""
        ...

    async def thread(self, thread_id: int) -> ThreadDetail | None:
        """All there is to know of a thread; None where there is no such thread."""
        ...

    async def measured(self, detail: ThreadDetail) -> ThreadDetail:
        """The same with the pace of its channel, for who would change that."""
        ...

    def thread_now(self, thread_id: int, *, more: bool = False) -> ThreadDetail | None:
        """The same at once and not whole, for a cursor that moves; with `more` whole where that
        takes no longer. None where the store cannot answer at once, and where there is no such
        thread."""
        ...

    async def load_context(self, thread_id: int) -> None:
        """Read the posts around the thread from the platform; a Change follows."""
        ...

    async def deliveries(self) -> tuple[Delivery, ...]:
        """Not finished ones first, then the latest finished, at most 500."""
        ...

    async def my_deliveries(self) -> tuple[Delivery, ...]:
        """Mine among the latest hundred, newest first, for the lines above the keys: without
        timed ends, which nobody waits for."""
        ...

    async def audit(self, thread_id: int | None = None) -> tuple[AuditLine, ...]:
        """Who did what, to that thread or to any: the latest 200, newest first."""
        ...

    async def quarantined(self) -> tuple[Quarantined, ...]:
        """What platforms told that could not be read."""
        ...

    def offer(self, account: str, capability: Capability) -> Offer:
        """Whether it can be done on that account, and if not why."""
        ...

    # quick replies
    def slots(self, detail: ThreadDetail) -> tuple[Slot, ...]:
        """The quick replies for the keys 1 to 9 on that thread; there may be fewer."""
        ...

    def find_replies(self, text: str, language: str | None) -> tuple[Entry, ...]:
        """The entries that have every word of `text`, those in `language` first."""
        ...

    def fill(
        self, detail: ThreadDetail, entry: Entry, variant: Variant, typed: Mapping[str, str] = ...
    ) -> Filled:
        """The text for this thread; `typed` fills what the thread does not."""
        ...

    def follow_ups(
        self, detail: ThreadDetail, entry: Entry, reply: Command, then: Then | None = None
    ) -> tuple[Command, ...]:
        """The batch that sending `entry` means: the reply and what of its `then` can be done.
        `then`: where the moderator leaves the thread; None: where the entry does."""
        ...

    def left_out(self, detail: ThreadDetail, entry: Entry, reply: Command) -> tuple[str, ...]:
        """What of the entry's `then` cannot be done here, each in words, with the reason."""
        ...

    def again(self, detail: ThreadDetail) -> Start | None:
        """The quick reply that came back as the draft of the thread, or None."""
        ...

    def library_problems(self) -> tuple[str, ...]:
        """One line for each library file that could not be read."""
        ...

    # acting
    async def submit(
        self, commands: Sequence[Command], *, hold: bool = True, force: bool = False
    ) -> Submitted:
        """Take one batch, in order, in one transaction. Raises Refused and changes nothing.

        `hold`: begin with the undo window. A draft of the thread moves into a Reply's row.
        """
        ...

    async def painted(self, batch: str) -> None:
        """The screen has shown the batch: its undo window counts from here."""
        ...

    async def undo(self, thread_id: int | None = None, *, force: bool = False) -> Undone:
        """Take back my newest undoable batch (of the thread, if given); `force`: also where nobody
        can tell whether what that ends was set anew by another. Raises Refused."""
        ...

    async def settle(self, delivery_id: int, verdict: str) -> None:
        """A human answers an unknown outcome: "there", "again" or "drop". Raises Refused."""
        ...

    async def cancel(self, delivery_id: int) -> None:
        """Take back one delivery that has not left. Raises Refused."""
        ...

    async def claim(self, thread_id: int) -> Claim:
        """Claim or renew; the claim that stands is returned, perhaps another's."""
        ...

    async def take_over(self, thread_id: int) -> Claim:
        """Claim the thread from whoever holds it. Raises Refused where there is no such thread."""
        ...

    async def release(self, thread_id: int) -> None:
        """Give my claim back; another's stays as it is."""
        ...

    async def save_draft(self, thread_id: int, text: str) -> None:
        """Keep my draft: durable when it returns. An empty text drops it. Raises NotStored; what
        the store did not take is in `unsaved` until it does."""
        ...

    async def drafts(self) -> tuple[Draft, ...]:
        """All my drafts."""
        ...

    async def retry_account(self, account: str) -> None:
        """Try an account's connection again now (after login, or by hand). Raises Refused where
        there is no such account."""
        ...
