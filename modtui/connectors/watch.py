"""Whether an account's far end still answers, told before any request has failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import Future


class Watch:
    """What the engine hears of one account's line while it reads the account.

    `sent` is given, for each request, what is done once its answer came or it failed; `silent`
    why a line that pushes is taken for dead. Both are None while nobody watches.
    """

    def __init__(self) -> None:
        self.sent: Callable[[Future[None]], None] | None = None
        self.silent: Callable[[str], None] | None = None

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
