"""Whether an account's far end still answers, told before any request has failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from asyncio import Future

T = TypeVar("T")

_READING: ContextVar[bool] = ContextVar("reading", default=False)


class Watch:
    """What the engine hears of one account's line while it reads the account.

    `sent` is given, for each request, what is done once its answer came or it failed; `silent`
    why a line that pushes is taken for dead; `limited` for how many seconds what reads the account
    waits for a rate limit, and for which; `slowed` for how many seconds what pushes does, while it
    is read by other ways. All are None while nobody watches. `knock` shows
    whether the far end of a line on which nothing is due for long is still there; it is set by what
    reads the account, and raises the port's errors.
    """

    def __init__(self) -> None:
        self.sent: Callable[[Future[None]], None] | None = None
        self.silent: Callable[[str], None] | None = None
        self.limited: Callable[[float, str], None] | None = None
        self.slowed: Callable[[float, str], None] | None = None
        self.knock: Callable[[], Awaitable[None]] | None = None

    @contextmanager
    def asked(self) -> Iterator[None]:
        """In the block an answer is waited for, which is due in less than 25 seconds."""
        if self.sent is None:
            yield
            return
        from asyncio import get_running_loop

        answered = get_running_loop().create_future()
        self.sent(answered)
        try:
            yield
        finally:
            answered.cancel()

    def lost(self, why: str) -> None:
        """Nothing comes any more on a line that pushes: what is seen of the account is old."""
        if self.silent is not None:
            self.silent(why)

    def slows(self, seconds: float, why: str) -> None:
        """A line that pushes is not there for `seconds`, as a rate limit demands; 0: it is there
        again. What else reads the account goes on."""
        if self.slowed is not None:
            self.slowed(seconds, why)

    async def reads(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work`, which reads the account: while that waits, nothing is seen of it."""
        before = _READING.set(True)
        try:
            return await work
        finally:
            _READING.reset(before)

    async def pause(
        self, seconds: float, why: str, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        """Wait for `seconds`, as a rate limit demands; `why` is a line for the moderator."""
        if self.limited is not None and _READING.get():
            self.limited(seconds, why)
        await sleep(seconds)
