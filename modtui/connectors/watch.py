"""Whether an account's far end still answers, told before any request has failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import Future


class Watch:
    """What the engine hears of one account's line while it reads the account.

    `sent` is given, for each request, what is done once its answer came or it failed; `silent`
    why a line that pushes is taken for dead. Both are None while nobody watches. `knock` shows
    whether the far end of a line on which nothing is due for long is still there; it is set by what
    reads the account, and raises the port's errors.
    """

    def __init__(self) -> None:
        self.sent: Callable[[Future[None]], None] | None = None
        self.silent: Callable[[str], None] | None = None
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
