"""Quick replies for a thread: which nine, with what filled in, and what follows them."""

from __future__ import annotations

from collections.abc import Mapping

from modtui.domain.model import Role
from modtui.domain.replies import Asked
from modtui.domain.settings import Desk
from modtui.domain.views import ThreadDetail


def asked(detail: ThreadDetail) -> Asked:
    """Return what is known of the thread that a reply is wanted for."""
    said = [post.text for post in detail.posts if post.role is Role.AUTHOR][-3:]
    return Asked(
        text="\n".join((detail.record.thread.title, *said)),
        language=detail.record.language,
        reasons=detail.record.reasons,
        help_route=detail.record.help_route,
    )


def values(detail: ThreadDetail, desk: Desk, language: str) -> Mapping[str, str]:
    """Return what placeholders are filled with; an empty value fills nothing.

    `rule_ID` is the wording of a rule in `language`, `rule_ID_url` its page.
    """
    thread = detail.record.thread
    rules = {f"rule_{rule.id.replace('-', '_')}": rule.text(language) for rule in desk.rules}
    pages = {f"rule_{rule.id.replace('-', '_')}_url": rule.url for rule in desk.rules}
    return {
        **rules,
        **pages,
        "author": thread.author.name,
        "title": thread.title,
        "url": thread.url or "",
        "channel": detail.channel.name,
        "account": detail.our_name,
        "moderator": desk.moderator.name,
    }
