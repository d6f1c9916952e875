"""The words of a receipt's evidence that the engine goes by.

What else is to be said to a moderator stands beside them, after a semicolon.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

LEFT_ALONE = "someone changed it since"
"""The evidence of a receipt for a timed end that found another setting than ours and left it."""

SO_ALREADY = "it was so already"
"""The evidence of a receipt for a setting that stood before it was tried: not ours to end."""

WAS = "was "
"""How the evidence of a receipt begins that tells the number which was there before."""

_OFF = f"{SO_ALREADY}: "
_HELD = "held before: "


def removed(
    posts: Sequence[str], before: Collection[str], said: str = "", held: Collection[str] = ()
) -> str:
    """Return the evidence of a receipt for a removal of `posts`; `said` is what there is to say.

    Those in `before` were off before it was tried, and those in `held` the platform itself held
    back, which the removal confirms: neither are ours to bring back.
    """
    stood = [post for post in posts if post in before]
    kept = [post for post in posts if post in held and post not in before]
    if stood and len(stood) == len(posts):
        return SO_ALREADY
    told = f"{_OFF}{' '.join(stood)}" if stood else ""
    confirmed = f"{_HELD}{' '.join(kept)}" if kept else ""
    return "; ".join(part for part in (told, confirmed, said) if part)


def off_before(evidence: str) -> frozenset[str]:
    """Return the posts that were off before a removal that took off others, by its evidence."""
    return _listed(evidence, _OFF)


def held_before(evidence: str) -> frozenset[str]:
    """Return the posts of a removal that the platform had held back, by its evidence."""
    return _listed(evidence, _HELD)


def _listed(evidence: str, words: str) -> frozenset[str]:
    for part in evidence.split("; "):
        if not part.startswith((_OFF, _HELD)):
            break
        if part.startswith(words):
            return frozenset(part.removeprefix(words).split())
    return frozenset()
