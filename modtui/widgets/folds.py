"""Folded posts on the screen: what stands in their place names the key that shows them."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.model import Post
from modtui.domain.text import clean, clean_line
from modtui.domain.views import ThreadDetail


def labelled(detail: ThreadDetail, key: str) -> ThreadDetail:
    """Return `detail` with `key` named on each folded post, and with the title of the thread on
    its subject where that was unfolded, as the list does not show it."""
    if not detail.folding.rules:
        return detail
    return replace(detail, posts=tuple(_labelled(post, detail, key) for post in detail.posts))


def _labelled(post: Post, detail: ThreadDetail, key: str) -> Post:
    folding = detail.folding
    fold, rule = folding.of(post.remote_id), folding.rules.get(post.remote_id)
    if fold is not None:
        words = f"{fold.words} · {key} shows it"
        if fold.text:
            return replace(post, text=clean_line(f"[{words}]"))
        return replace(post, media=(clean_line(words),))
    title = detail.record.thread.title
    if rule is None or not rule.text or not post.is_subject or post.text.startswith(title):
        return post
    return replace(post, text=clean(f"{title}\n{post.text}").text)
