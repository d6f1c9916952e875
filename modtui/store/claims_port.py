"""What the store knows of claims on the platforms, beside those that moderators hold here."""

from __future__ import annotations

from typing import Protocol


class ClaimReads(Protocol):
    """What can be asked within a snapshot."""

    async def left_mirrored(self) -> tuple[int, ...]:
        """Threads that a claim of ours still holds on their platform, though it is over here."""
        ...


class ClaimWrites(ClaimReads, Protocol):
    """What can be changed within a transaction."""

    async def hold_there(self, thread_id: int, by: str) -> None:
        """Let `by` hold the thread, whoever did so far, until `let_go_there` or a takeover."""
        ...

    async def let_go_there(self, thread_id: int) -> str:
        """End the claim of `hold_there`; return who had it, "" where there is none."""
        ...

    async def set_mirrored(self, thread_id: int, on: bool) -> None:
        """Remember whether the claim is held on the platform as well."""
        ...
