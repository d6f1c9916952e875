"""A post that was kept with a word about later flags: they count no more until it is edited."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.digest import sha256
from modtui.domain.frozen import dataclass
from modtui.domain.model import Post


@dataclass(frozen=True, slots=True)
class Kept:
    """One such decision. `print` is that of the text it was made on; `closed` counts the flags
    that it has closed since."""

    post: str
    by: str
    at: datetime
    print: str
    closed: int = 0


def fingerprint(post: Post) -> str:
    """Return what tells one text of a post from another, media included."""
    whole = "\n".join((post.raw, *post.media))
    return sha256(whole.encode("utf-8", "surrogatepass"))[:32]
