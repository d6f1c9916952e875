"""Care for who reads: folded posts are shown one by one, and counted for oneself."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from modtui.domain.views import ThreadDetail


class Care(Protocol):
    """What is unfolded in this session, and how much of it there was."""

    async def unfold(self, detail: ThreadDetail, post: str) -> None:
        """Show a folded post until it is folded again or the session ends; a Change follows.

        Each unfolding of distressing words is counted, for nobody but the moderator himself.
        """
        ...

    def fold(self, thread: int, post: str) -> None:
        """Fold a post again; a Change follows."""
        ...

    def address_opened(self, thread: int, post: str) -> None:
        """The address of a post's media was on the screen; a Change follows."""
        ...

    async def exposure(self, since: datetime) -> int:
        """How many distressing posts I unfolded from `since` on. Only ever my own number."""
        ...
