"""What is folded until a moderator wants to see it, and what he did not see when he decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from modtui.domain.frozen import dataclass
from modtui.domain.model import Post
from modtui.domain.text import clean_line


@dataclass(frozen=True, slots=True)
class Fold:
    """A post that is folded by rule, as it came. `text`: its words are distressing, for `reason`
    as the configuration calls it; else only its media are folded."""

    post: Post
    reason: str
    text: bool = True

    @property
    def words(self) -> str:
        """What stands in its place: `folded: self-harm`."""
        return f"folded: {self.reason}"

    @property
    def shown(self) -> Post:
        """The post as it is shown while it is folded."""
        label = clean_line(f"[{self.words}]")
        if not self.text:
            return replace(self.post, media=(clean_line(self.words),))
        return replace(self.post, text=label, raw=label, hidden=0, media=())


@dataclass(frozen=True, slots=True)
class Folding:
    """How one thread is shown to one moderator, by the platform's ids of its posts.

    `rules`: what is folded by rule; `opened`: those that he unfolded in this session; `addresses`:
    those whose media address he looked at. Media are never fetched.
    """

    rules: Mapping[str, Fold] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def of(self, post: str) -> Fold | None:
        """Return the fold that a post is in now, or None."""
        return None if post in self.opened else self.rules.get(post)

    def shown(self, post: Post) -> Post:
        """Return `post` as it is shown: whole, or folded."""
        fold = self.of(post.remote_id)
        return post if fold is None else fold.shown

    def whole(self, post: Post) -> Post:
        """Return the post that `post` shows, as it came."""
        fold = self.rules.get(post.remote_id)
        return post if fold is None else fold.post

    def unseen(self, *posts: Post) -> tuple[str, ...]:
        """Return in words what of `posts` was not seen, each once."""
        return tuple(dict.fromkeys(word for post in posts for word in self._unseen(post)))

    def _unseen(self, post: Post) -> Iterator[str]:
        fold = self.of(post.remote_id)
        if fold is not None and fold.text:
            yield "text not seen"
        if self.whole(post).media:
            opened = post.remote_id in self.addresses
            yield "media address opened" if opened else "media not seen"
