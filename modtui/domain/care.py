"""What is folded until a moderator wants to see it, and what he did not see when he decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from modtui.domain.model import Post


@dataclass(frozen=True, slots=True)
class Fold:
    """Why a post is folded. `text`: its words are, for `reason`, as the configuration calls it;
    else only what media it has."""

    reason: str
    text: bool = True


@dataclass(frozen=True, slots=True)
class Folding:
    """How one thread is shown to one moderator, by the platform's ids of its posts.

    `rules`: what is folded by rule; `opened`: those that he unfolded in this session; `addresses`:
    those whose media address he looked at. Media are never fetched.
    """

    rules: Mapping[str, Fold] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def of(self, post: Post) -> Fold | None:
        """Return the fold that `post` is in now, or None."""
        return None if post.remote_id in self.opened else self.rules.get(post.remote_id)

    def text(self, post: Post) -> str:
        """Return the reason for which the words of `post` are folded now, or ""."""
        fold = self.of(post)
        return fold.reason if fold is not None and fold.text else ""

    def unseen(self, post: Post) -> tuple[str, ...]:
        """Return in words what of `post` was not seen."""
        words = ["text not seen"] if self.text(post) else []
        if post.media:
            seen = post.remote_id in self.addresses
            words.append("media address opened" if seen else "media not seen")
        return tuple(words)
