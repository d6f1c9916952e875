"""Which flags are on which post of a thread."""

from __future__ import annotations

from collections.abc import Sequence

from modtui.domain.model import Flag, Post
from modtui.domain.settings import Rule, named_rule
from modtui.domain.views import ThreadDetail


def flags_of(detail: ThreadDetail, post: Post) -> tuple[Flag, ...]:
    """Return the flags on `post`; one that names no post is on the thread's subject."""
    return tuple(
        f for f in detail.flags if f.post == post.remote_id or (f.post is None and post.is_subject)
    )


def flagged_posts(detail: ThreadDetail) -> tuple[Post, ...]:
    """Return the posts that have flags, in order."""
    flagged = {flag.post for flag in detail.flags}
    subject = None in flagged
    return tuple(p for p in detail.posts if p.remote_id in flagged or (subject and p.is_subject))


def rule_to_begin_with(detail: ThreadDetail, post: Post, rules: Sequence[Rule]) -> int:
    """Return the number, from 1, of the rule that the flags on `post` name; 0 where they name none:
    what an author is told is never a guess."""
    named = named_rule(rules, (flag.reason for flag in flags_of(detail, post)))
    return rules.index(named) + 1 if named else 0
