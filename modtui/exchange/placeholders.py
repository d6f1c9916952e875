"""The placeholders of other programs, as the names that modtui fills."""

from __future__ import annotations

import re
from collections.abc import Mapping

from modtui.exchange import Unreadable

_OTHER = re.compile(r"[^a-z0-9]+")
_BRACES = {"{": "(", "}": ")"}
_LIQUID = re.compile(r"\{\{-?\s*([A-Za-z][\w.-]*?)\s*(?:\|[^{}]*)?-?\}\}")
_DEFAULT = re.compile(
    r"\{\{-?\s*([A-Za-z][\w.-]*?)\s*\|\s*default:\s*(?:\"([^\"{}]+)\"|'([^'{}]+)')\s*-?\}\}"
)
_CODE = re.compile(r"\{[{%][^{}\n]*[}%]?\}?")
_PERCENT = re.compile(r"%\{\s*([A-Za-z][\w-]*)\s*(?:[,:][^{}]*)?\}")
_FALLBACK = re.compile(r"%\{([a-z][a-z_]*),fallback:([^{}]+)\}")

# Zendesk placeholders reference, and Chatwoot's variables of canned responses.
LIQUID = {
    "ticket.requester.name": "author", "ticket.requester.first_name": "author",
    "ticket.title": "title", "ticket.link": "thread_link", "ticket.url": "thread_link",
    "current_user.name": "moderator", "current_user.first_name": "moderator",
    "ticket.assignee.name": "moderator", "ticket.assignee.first_name": "moderator",
    "contact.name": "author", "contact.first_name": "author",
    "agent.name": "moderator", "agent.first_name": "moderator", "inbox.name": "channel",
}  # fmt: skip
# The variables that the plugin discourse-templates allows.
DISCOURSE = {
    "my_username": "account", "my_name": "moderator", "topic_title": "title",
    "topic_url": "thread_link", "context_title": "title", "context_url": "thread_link",
    "original_poster_username": "author", "original_poster_name": "author",
    "reply_to_username": "author", "reply_to_name": "author",
    "last_poster_username": "author", "reply_to_or_last_poster_username": "author",
    "chat_channel_name": "channel",
}  # fmt: skip


def liquid(text: str) -> str:
    """Return `text` with `{{ticket.title}}` and the like as modtui's placeholders. One that modtui
    cannot fill keeps its name, `{ticket_id}`, and is asked for when the reply is sent. Raises
    Unreadable for conditions and the like, which would reach an author as they stand."""
    if odd := _CODE.search(_LIQUID.sub("", text)):
        raise Unreadable(f"{odd[0]} is worked out there and not here: write its text")
    return _told(text, _LIQUID, LIQUID)


def percent(text: str) -> str:
    """Return `text` with `%{topic_title}` and the like as modtui's placeholders. One that modtui
    cannot fill, or that was misspelt there, is asked for when the reply is sent."""
    return _told(text, _PERCENT, DISCOURSE)


def fallbacks(text: str) -> Mapping[str, str]:
    """Return what `%{topic_title,fallback:the topic}` and the like say where nothing else fills
    the placeholder, by modtui's name of it."""
    found = _FALLBACK.findall(text)
    return {_name(name, DISCOURSE): said.strip() for name, said in found if said.strip()}


def defaults(text: str) -> Mapping[str, str]:
    """Return what `{{ticket.id | default: "…"}}` and the like say where nothing else fills the
    placeholder, by modtui's name of it."""
    found = _DEFAULT.findall(text)
    return {_name(name, LIQUID): (one or other).strip() for name, one, other in found}


def _name(name: str, known: Mapping[str, str]) -> str:
    return known.get(name, _OTHER.sub("_", name.casefold()).strip("_"))


def _told(text: str, pattern: re.Pattern[str], known: Mapping[str, str]) -> str:
    """Braces that are no placeholder become round: a library text has no others."""
    parts = pattern.split(text)
    said = ["".join(_BRACES.get(letter, letter) for letter in part) for part in parts[::2]]
    filled = [f"{{{_name(name, known)}}}" for name in parts[1::2]]
    return "".join(a + b for a, b in zip(said, (*filled, ""), strict=True))
