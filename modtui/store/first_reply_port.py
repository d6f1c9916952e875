"""What is asked of a store before a moderator's first public reply on an account."""

from __future__ import annotations

from typing import Protocol


class FirstReplyReads(Protocol):
    """Whether somebody answered in public before."""

    async def replied_publicly(self, account: str, by: str) -> bool:
        """Whether `by` ever submitted a public reply on `account` from this store."""
        ...
