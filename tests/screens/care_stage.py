"""Care for screens: what is folded is told by hand, what is unfolded is kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from modtui.domain.care import Fold, Folding
from modtui.domain.model import Post
from modtui.domain.views import ThreadDetail


@dataclass
class FakeCare:
    """The `Care` with rules by post id: a reason, or "" to fold only the media."""

    rules: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    count: int = 0
    asked_since: datetime | None = None
    changed: Callable[[int], None] = lambda thread: None

    def folding(self, posts: Sequence[Post]) -> Folding:
        rules = {
            post.remote_id: Fold(post, self.rules[post.remote_id] or "media",
                                 text=bool(self.rules[post.remote_id]))
            for post in posts
            if post.remote_id in self.rules
        }  # fmt: skip
        return Folding(rules, frozenset(self.opened), frozenset(self.addresses))

    async def unfold(self, detail: ThreadDetail, post: str) -> None:
        self.opened.add(post)
        self.count += bool(self.rules[post])
        self.changed(detail.row.id)

    def fold(self, thread: int, post: str) -> None:
        self.opened.discard(post)
        self.changed(thread)

    def address_opened(self, thread: int, post: str) -> None:
        self.addresses.add(post)
        self.changed(thread)

    async def exposure(self, since: datetime) -> int:
        self.asked_since = since
        return self.count
